import { ACME_SETTINGS } from './settings/acme-settings.ts'
import { LIMIT_SETTINGS } from './settings/limit-settings.ts'
import { LOG_SETTINGS } from './settings/log-settings.ts'
import { METRICS_SETTINGS } from './settings/metrics-settings.ts'
import { NGINX_SETTINGS } from './settings/nginx-settings.ts'
import { SANDBOX_SETTINGS } from './settings/sandbox-settings.ts'
import { BYTES, networks, setting } from './settings/setting.ts'
import { decimal, flag, type Key, leftOut, shaped, whole } from './value.ts'

const DAYS = 36_500

/** Every setting of the module. The types, the defaults, the environment and the reference page come from this table. */
export const SETTINGS = {
  nginx: NGINX_SETTINGS,
  acme: ACME_SETTINGS,
  log: LOG_SETTINGS,
  metrics: METRICS_SETTINGS,
  sandbox: SANDBOX_SETTINGS,
  supervisor: {
    start_timeout: setting(
      whole(1, 3600),
      '60',
      'Seconds a new worker may take until it answers for the first time. An app with a start_timeout of its own has that one.',
    ),
    sleep_after: setting(
      whole(0, DAYS * 86_400),
      '600',
      'Seconds without a request after which an app with workers = 0..4, or another number behind the 0.., has no worker until the next request comes. 0: none sleeps. An app with a sleep_after of its own has that one.',
    ),
    hold_timeout: setting(whole(0, 3600), '30', 'Seconds a request may wait for a worker before it is answered with 503.'),
    hold_max: setting(
      whole(0, 1_000_000),
      '1000',
      'How many requests of one app may wait for a worker. One more is answered with 503.',
    ),
  },
  limits: LIMIT_SETTINGS,
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
    flag: setting(flag, '1', 'Start the module. 0: mfserv.start does nothing and succeeds.', { takesEffect: 'next start' }),
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
      '-1',
      'Largest core file of a process of a plugin, in bytes, where rlimit_core of its app says nothing. -1: as the system has it.',
    ),
    tmp_max_age: setting(
      whole(0, DAYS),
      '2',
      'Days after which a file of a plugin in tmp is deleted that nobody has read or written meanwhile. 0: never.',
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
