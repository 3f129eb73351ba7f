import { isOwnPath } from './own-paths.ts'
import { decimal, flag, type Key, leftOut, list, oneOf, planned, type Read, shaped, text, whole, wholeOrNone } from './value.ts'

function setting<T>(read: Read<T>, fallback: string, doc: string, more: Pick<Key<T>, 'doubt' | 'idle'> = {}): Key<T> {
  return { read, fallback, doc, ...more }
}

const DAYS = 36_500
const SECONDS = 86_400
const BYTES = 1_000_000_000_000
const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const

const port = wholeOrNone(65_535)
const networks = list(
  ',',
  /^[0-9a-fA-F.:]+(\/\d{1,3})?$/,
  'addresses or networks separated by commas, such as 10.0.0.0/8, or null',
)
const tlsProtocols = shaped(/^TLSv1\.[23](\s+TLSv1\.[23])*$/, 'TLSv1.2 TLSv1.3, or one of the two')
const healthLocation: Read<string> = (written) => {
  const read = shaped(/^\/[\w./-]*$/, 'a path such as /__health, or null')(written)
  if ('expected' in read || !isOwnPath(read.value)) return read
  return { expected: 'a path that mfserv does not answer itself, such as /__health, or null' }
}
const rotation = { unlessPositive: 'null or less than 1 means no limit.' }

/**
 * The ciphers that browsers of the last ten years speak and that keep recorded traffic unreadable when the key leaks.
 * TLS 1.3 brings its own.
 */
const CIPHERS = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

/** Every setting of the module. The types, the defaults, the environment and the reference page come from this table. */
export const SETTINGS = {
  nginx: {
    flag: setting(flag, '1', 'Run nginx. 0: no nginx, and nothing is served.'),
    port: setting(port, '18868', 'The HTTP port. 0 or null: no HTTP listener.'),
    https_port: setting(
      port,
      'null',
      'The HTTPS port. 0 or null: no HTTPS listener. It needs ssl_certificate and ssl_certificate_key.',
    ),
    ssl_certificate: setting(text, '/dev/null', 'File of the certificate, its chain included, in PEM format.'),
    ssl_certificate_key: setting(text, '/dev/null', 'File of the private key in PEM format.'),
    ssl_ciphers: setting(text, CIPHERS, 'Ciphers for TLS 1.2, in the notation of OpenSSL.'),
    ssl_protocols: setting(tlsProtocols, 'TLSv1.2 TLSv1.3', 'TLS versions that are spoken. Older ones than 1.2 are refused.'),
    workers: setting(
      whole(1, 1024),
      '{{MFHARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2}}',
      'How many worker processes nginx runs.',
    ),
    timeout: setting(whole(1, SECONDS), '60', 'Seconds one request may take in the apps that have no timeout of their own.'),
    upload_max_body_size: setting(
      whole(0, 1_000_000),
      '100',
      'The largest body of a request, in megabytes. 0: no limit. Beyond it the answer is 413.',
    ),
    logging: setting(flag, '1', 'Write nginx_access.log.'),
    clientbody_temp_path: setting(text, 'null', 'Directory for large request bodies. null: var/nginx of the runtime home.'),
    add_request_id_header: setting(
      flag,
      '1',
      'Give each request an id: the header X-Request-Id to the worker and in the answer.',
    ),
    accept_incoming_request_id_header: setting(
      flag,
      '0',
      'Keep the X-Request-Id that a request brings, instead of making a new one.',
    ),
    add_x_forwarded_headers: setting(
      flag,
      '1',
      'Send X-Forwarded-For, -Host, -Port and -Path to the workers. X-Real-IP and X-Forwarded-Proto are sent in any case.',
    ),
    health_location: setting(
      healthLocation,
      '/__health',
      'URL that answers 200 and OK while the module runs. null: none. Not one that mfserv answers itself, such as /status or /uuid.',
    ),
    health_access_log: setting(flag, '0', 'Write the requests to health_location into the access log as well.'),
    uuid_endpoint_extra_allows: setting(
      networks,
      'null',
      'Networks, separated by commas, that may ask /uuid besides this machine.',
    ),
    plugin_list_extra_allows: setting(
      networks,
      'null',
      'Networks, separated by commas, that may read the list of plugins on the welcome page besides this machine. 0.0.0.0/0,::/0: everyone.',
    ),
    smart_stop_delay: setting(
      whole(0, SECONDS),
      '0',
      'Seconds between the status STOPPING and the end of nginx, for a load balancer that watches health_location.',
    ),
    smart_start_delay: setting(
      whole(0, SECONDS),
      '0',
      'Seconds a start waits, once everything answers, before it reports success.',
    ),
    proxy_ignore_client_abort: setting(flag, '1', 'Let a worker finish a request whose client has gone.'),
    real_ip: setting(
      flag,
      '0',
      'Behind a proxy of yours: take the address of the client from a header of it, and the scheme from its X-Forwarded-Proto.',
    ),
    real_ip_recursive: setting(flag, '1', 'With several addresses in the header: take the last that is not in real_ip_set_from.'),
    real_ip_header: setting(shaped(/^[\w-]+$/, 'the name of a header'), 'X-Forwarded-For', 'The header that real_ip reads.'),
    real_ip_set_from: setting(
      networks,
      '172.16.0.0/12,192.168.0.0/16,10.0.0.0/8',
      'Networks, separated by commas, of the proxies that real_ip believes.',
    ),
    server_tokens: setting(flag, '1', "Tell nginx's version in the Server header."),
    port_in_redirect: setting(
      flag,
      '1',
      'Keep the port in the redirects that nginx makes.',
      leftOut('the redirects of nginx name no host and no port'),
    ),
    max_size_before_rotation: setting(
      whole(-1, BYTES),
      '-1',
      "Size in bytes at which nginx's logs are rotated. Below 1: that of [log].",
    ),
  },
  log: {
    minimal_level: setting(oneOf(...LEVELS), 'INFO', `The least severe lines that are written: ${LEVELS.join(', ')}.`),
    max_size_before_rotation: setting(
      wholeOrNone(BYTES),
      '104857600',
      `Size in bytes at which a log file is rotated. ${rotation.unlessPositive}`,
    ),
    max_age_before_rotation: setting(
      wholeOrNone(DAYS * SECONDS),
      '86400',
      `Age in seconds at which a log file is rotated. ${rotation.unlessPositive}`,
    ),
    number_of_rotated_files: setting(whole(1, 1000), '5', 'How many files of one log are kept, the one in use included.'),
    chmod: setting(
      shaped(/^0?[0-7]{3}$/, 'rights in octal, such as 0644'),
      '0644',
      'Rights of the log files, in octal.',
      leftOut('log files are for the user of mfserv alone (0600)'),
    ),
    try_to_split_stdout_stderr: setting(
      flag,
      '0',
      'A file of its own for what a worker writes to stderr.',
      planned('an app has one log file for both'),
    ),
    try_to_split_multiple_workers: setting(
      flag,
      '0',
      'A log file for each worker of an app.',
      planned('an app has one log file'),
    ),
    json_file: setting(
      text,
      'null',
      'A file for log records in JSON.',
      planned('no log is written in JSON but nginx_access.log'),
    ),
    json_minimal_level: setting(
      oneOf(...LEVELS),
      'WARNING',
      'The least severe records in json_file.',
      planned('there is no json_file'),
    ),
    mfadmin_flag: setting(text, 'AUTO', 'Send log records to an admin server.', leftOut('there is no admin server')),
    mfadmin_minimal_level: setting(
      oneOf(...LEVELS),
      'WARNING',
      'The least severe records for the admin server.',
      leftOut('there is no admin server'),
    ),
  },
  supervisor: {
    start_timeout: setting(
      whole(1, 3600),
      '60',
      'Seconds a new worker may take until it answers for the first time. An app with a start_timeout of its own has that one.',
    ),
    hold_timeout: setting(whole(0, 3600), '30', 'Seconds a request may wait for a worker before it is answered with 503.'),
    hold_max: setting(
      whole(0, 1_000_000),
      '1000',
      'How many requests of one app may wait for a worker. One more is answered with 503.',
    ),
  },
  debug: {
    allow: setting(
      networks,
      'null',
      'Networks, separated by commas, whose clients get the debugger of the apps with debug=1, besides this machine. It runs any code for whoever knows its PIN.',
    ),
  },
  releases: {
    keep: setting(
      whole(1, 1000),
      '3',
      'How many releases of a plugin are kept, the one in use included. Older ones are removed.',
    ),
    require_signature: setting(
      flag,
      '0',
      'Install only releases with the signature of a trusted key. A wrong signature is refused in any case. A value or a line of the file that cannot be read counts as 1.',
      { doubt: '1' },
    ),
    history: setting(whole(1, 100_000), '100', 'How many receipts of a plugin plugins.history keeps.'),
    watch_seconds: setting(
      whole(0, 3600),
      '10',
      'Seconds for which a new version is compared with the one before it, whose last seconds before the change are measured as well. 0: it is not watched.',
    ),
    watch_error_margin: setting(
      decimal(0, 100),
      '1',
      'By how many percentage points more of its requests a new version may fail. Beyond it the old version comes back.',
    ),
    watch_latency_factor: setting(
      decimal(1, 1000),
      '3',
      'How many times as long as before the requests of a new version may take, in p50 and in p99. Beyond it the old version comes back.',
    ),
    watch_latency_floor_ms: setting(
      whole(0, 3_600_000),
      '100',
      'Requests that take up to so many milliseconds longer than before are never too slow.',
    ),
  },
  internal_plugins: {
    install_welcome: setting(
      flag,
      '1',
      'Show the welcome page where no plugin answers. 0: a plain 404, and nothing at /__mfserv/.',
    ),
  },
  python2: {
    interpreter: setting(
      shaped(/^\/\S+$/, 'the absolute path of a Python 2.7, or null'),
      'null',
      'The Python 2.7 that plugins of Python 2 are built with and run on. null: the one that is found on PATH or among the versions of pyenv.',
    ),
  },
  startup: {
    flag: setting(flag, '1', 'Start the module. 0: mfserv.start does nothing and succeeds.'),
  },
  autorestart: {
    flag: setting(
      flag,
      '1',
      'Look after the module regularly and start it again when it fails.',
      leftOut('what restarts a failed daemon is the service manager of the machine'),
    ),
  },
  misc: {
    core_size: setting(
      whole(-1, BYTES),
      '0',
      'Largest core file of a process, as ulimit -c. -1: as the system has it.',
      planned('rlimit_core of an app sets it'),
    ),
    tmp_max_age: setting(
      whole(0, DAYS),
      '2',
      'Days after which a file in tmp is deleted. 0: never.',
      planned('mfserv removes its own files in tmp when they are no longer used'),
    ),
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Key<unknown>>>>>

type SectionName = keyof typeof SETTINGS
type ValueOf<K> = K extends Key<infer T> ? T : never

/** Every setting, typed: `settings.nginx.port` is a number. */
export type Settings = {
  readonly [S in SectionName]: { readonly [K in keyof (typeof SETTINGS)[S]]: ValueOf<(typeof SETTINGS)[S][K]> }
}

/** Keys of the original that stand for nothing here, and what to write instead. */
export const RETIRED_SETTINGS: Readonly<Record<string, string>> = {
  'log.retention': 'Write number_of_rotated_files and max_age_before_rotation instead.',
}

/** Sections of the original that have no effect here beyond their environment variables. */
export const IDLE_SECTIONS: readonly string[] = ['admin', 'telegraf', 'vector', 'circus']
