import { isFileBeside } from '../edit/parts.ts'
import { listenersIn } from '../listen/listener.ts'
import { isOwnPath } from '../own-paths.ts'
import { flag, leftOut, type Read, shaped, text, whole, wholeOrNone } from '../value.ts'
import { BYTES, networks, SECONDS, setting } from './setting.ts'

const port = wholeOrNone(65_535)
const tlsProtocols = shaped(/^TLSv1\.[23](\s+TLSv1\.[23])*$/, 'TLSv1.2 TLSv1.3, or one of the two')
const healthLocation: Read<string> = (written) => {
  const read = shaped(/^\/[\w./-]*$/, 'a path such as /__health, or null')(written)
  if ('expected' in read || !isOwnPath(read.value)) return read
  return { expected: 'a path that mfserv does not answer itself, such as /__health, or null' }
}
const errorPage: Read<string> = (written) => {
  if (written === '' || written === 'null') return { value: '' }
  return isFileBeside(written) ? { value: written } : { expected: 'the name of a file beside this config.ini, or null' }
}

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

/** `[nginx]`. */
export const NGINX_SETTINGS = {
  flag: setting(flag, '1', 'Run nginx. 0: no nginx, and nothing is served.'),
  port: setting(port, '18868', 'The HTTP port. 0 or null: no HTTP listener.'),
  https_port: setting(
    port,
    'null',
    'The HTTPS port. 0 or null: no HTTPS listener. It needs a certificate: ssl_certificate, or a section [certificate_NAME].',
  ),
  listen: setting(
    listenersIn,
    'null',
    'Every address that nginx listens on, separated by commas: an address and a port, or a port alone for all addresses, and ssl behind it for HTTPS, such as 127.0.0.1:8080, [::]:443 ssl. null: port and https_port, on all addresses of IPv4 and IPv6. With it, port and https_port are those of the first address of each kind.',
  ),
  ssl_certificate: setting(
    text,
    '/dev/null',
    'File of the certificate for every name that no section [certificate_NAME] has, its chain included, in PEM format.',
  ),
  ssl_certificate_key: setting(text, '/dev/null', 'File of the private key in PEM format.'),
  ssl_ciphers: setting(text, CIPHERS, 'Ciphers for TLS 1.2, in the notation of OpenSSL.'),
  ssl_protocols: setting(tlsProtocols, 'TLSv1.2 TLSv1.3', 'TLS versions that are spoken. Older ones than 1.2 are refused.'),
  http2: setting(flag, '1', 'Speak HTTP/2 over HTTPS.'),
  http3: setting(
    flag,
    '0',
    'Speak HTTP/3 as well, at the UDP ports of the same numbers, where nginx is built with it (Debian 13; not Debian 12).',
  ),
  hsts_max_age: setting(
    whole(0, 100_000_000),
    '0',
    'Seconds for which a browser that was here uses nothing but HTTPS (Strict-Transport-Security). It cannot be taken back before. 0: nothing is said.',
  ),
  https_redirect: setting(
    flag,
    '0',
    'Answer plain HTTP with a redirect (308) to HTTPS. Not what mfserv answers itself for load balancers and certificate authorities.',
  ),
  workers: setting(whole(1, 1024), '{{MFHARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2}}', 'How many worker processes nginx runs.'),
  timeout: setting(whole(1, SECONDS), '60', 'Seconds one request may take in the apps that have no timeout of their own.'),
  upload_max_body_size: setting(
    whole(0, 1_000_000),
    '100',
    'The largest body of a request, in megabytes. 0: no limit. Beyond it the answer is 413.',
  ),
  logging: setting(flag, '1', 'Write nginx_access.log.'),
  clientbody_temp_path: setting(text, 'null', 'Directory for large request bodies. null: var/nginx of the runtime home.'),
  add_request_id_header: setting(flag, '1', 'Give each request an id: the header X-Request-Id to the worker and in the answer.'),
  accept_incoming_request_id_header: setting(
    flag,
    '0',
    'Keep the X-Request-Id that a request brings, instead of making a new one.',
  ),
  add_traceparent_header: setting(
    flag,
    '0',
    'Pass on the W3C trace context of a request (traceparent, tracestate), or begin a trace. The id of the request is that of its trace then.',
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
    'Networks, separated by commas, that may read the list of plugins on the welcome page, with what is wrong with each, besides this machine. 0.0.0.0/0,::/0: everyone.',
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
    { takesEffect: 'next start' },
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
  error_page: setting(
    errorPage,
    'null',
    'HTML file beside this config.ini that browsers get in the place of the page of mfserv where nginx answers an error itself. {{status}}, {{title}}, {{message}} and {{request_id}} stand for the values. null: the page of mfserv.',
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
} as const
