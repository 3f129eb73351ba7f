/** Where the prefix of a plugin stands in the corpus, and the URL that must not be reached. */
export interface Urls {
  readonly prefix: string
  readonly hidden: string
}

export const HOST = 'Host: 127.0.0.1'

/** Request lines that are none. */
export function startLines({ prefix }: Urls): readonly string[] {
  const methods = ['get', 'FOO', 'TRACE', 'CONNECT', 'OPTIONS', 'PRI', 'G\tT', 'GET ', ' GET', 'G\x00T', '', 'M'.repeat(10_000)]
  const versions = [
    'HTTP/0.9',
    'HTTP/1.0',
    'HTTP/1.2',
    'HTTP/2.0',
    'HTTP/9.9',
    'HTTP/1.1 ',
    'http/1.1',
    'HTTP/1.',
    'HTTP/',
    'FTP/1.1',
    '',
  ]
  const targets = [
    '*',
    'http://other.example/',
    'http://127.0.0.1@other.example/',
    'https://[::1',
    '127.0.0.1:80',
    '?',
    '#',
    '\\',
    'x',
  ]
  return [
    ...methods.map((method) => `${method} ${prefix}/x HTTP/1.1\r\n${HOST}\r\n\r\n`),
    ...versions.map((version) => `GET ${prefix}/x ${version}\r\n${HOST}\r\n\r\n`),
    ...targets.map((target) => `GET ${target} HTTP/1.1\r\n${HOST}\r\n\r\n`),
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'SSH-2.0-OpenSSH_9.2\r\n',
    '\r\n\r\n\r\n',
    '\x00'.repeat(100),
  ]
}

/** URLs that lead out of the plugin, or that nobody writes. */
export function paths({ prefix }: Urls): readonly string[] {
  const up = [
    '..',
    '%2e%2e',
    '.%2e',
    '..%00',
    '%2e%2e%2f',
    '..%5c',
    '..\\',
    '..;',
    '....//',
    '%252e%252e',
    '%c0%ae%c0%ae',
    '\u2025',
  ]
  const escapes = up.flatMap((step) =>
    ['etc/passwd', 'config.ini'].map((file) => `${prefix}/${Array(12).fill(step).join('/')}/${file}`),
  )
  const odd = [
    '/config.ini',
    '/.git/config',
    '/.env',
    '/.',
    '/..',
    '/.%2e/config.ini',
    '/main/../config.ini',
    '/main/static/../../config.ini',
    '/static/..%2f..%2fconfig.ini',
    '/static../config.ini',
    '/main/static%2f..%2f..%2fconfig.ini',
    '//etc/passwd',
    '///',
    '/%2f%2f',
    '/%00',
    '/%',
    '/%zz',
    '/%ff%fe',
    '/\xff\xfe',
    '/a\x00b',
    '/a\x7fb',
    '/a b',
    '/a\tb',
    '/%0d%0aSet-Cookie:%20a=b',
    '/%u002e',
    '/index.php/x.php',
    '/x.php%00.txt',
    '/x.php/.',
    '/x.php%20',
    '/index.php::$DATA',
    '/~root',
    '/con',
    '/nul',
    '/server-status',
    `/${'a/'.repeat(4000)}`,
    `/${'a'.repeat(40_000)}`,
    `/?${'a=b&'.repeat(8000)}`,
    `/?${'%00'.repeat(500)}`,
    `/${'%2e%2e/'.repeat(1000)}`,
    '/?x=<script>alert(1)</script>',
    '/?a[]=1&a[b][c]=2',
    '/;a=b',
    '/#x',
  ] // prettier-ignore
  return [...escapes, ...odd.map((path) => prefix + path)].map((path) => `GET ${path} HTTP/1.1\r\n${HOST}\r\n\r\n`)
}

/** Header fields that lie, that break off, that are too many. */
export function headers({ prefix }: Urls): readonly string[] {
  const hosts = [
    '',
    'a b',
    'a/b',
    '../..',
    'a,b',
    'a:99999',
    'a:b',
    '[::1',
    '\x00',
    'a\x00b',
    '\xff',
    '.',
    '..',
    '-',
    'x'.repeat(40_000),
    'user@h',
    'A'.repeat(300),
  ]
  const single = [
    'X-Real-IP: 10.0.0.1',
    'X-Forwarded-For: 127.0.0.1',
    'X-Mfserv-Debug: 1',
    'X-Mfserv-Ready: 1',
    'X-Mfserv-Tried: 9',
    'X-Accel-Redirect: /etc/passwd',
    'X-Sendfile: /etc/passwd',
    'Proxy: http://x',
    'X_Real_IP: 1',
    'Content-Length_: 5',
    'Connection: close, X-Real-IP, X-Forwarded-Proto',
    'Connection: keep-alive, Host',
    'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
    'Upgrade: TLS/1.2',
    'Range: bytes=0-18446744073709551615',
    'Range: bytes=-9999999999999999',
    `Range: bytes=${'0-,'.repeat(2000)}0-`,
    'Range: bytes=a',
    'Range: lines=1-2',
    'If-Range: "x',
    'If-None-Match: *',
    'If-Modified-Since: yesterday',
    'If-Match: "no"',
    'If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT',
    'Expect: 100-continue',
    'Expect: something',
    'TE: trailers, x',
    'Trailer: Content-Length',
    'Accept: ',
    'Accept: application/json;q=x',
    'Accept-Encoding: gzip;q=0, *;q=9',
    'Accept-Language: ../../etc',
    'Cookie: =',
    `Cookie: ${'a=b; '.repeat(6000)}`,
    `Cookie: mfserv.${prefix.slice(1)}.main=../../1`,
    `Cookie: mfserv.${prefix.slice(1)}.main=99.99`,
    'Authorization: Basic !!!',
    `Authorization: ${'B'.repeat(30_000)}`,
    `X-Long: ${'x'.repeat(40_000)}`,
    `${'N'.repeat(20_000)}: x`,
    'X-Request-Id: \xff\xfe',
    `X-Request-Id: ${'i'.repeat(9000)}`,
    'No colon here',
    ': empty name',
    'X\x00Y: z',
    'X: a\x00b',
    'X: \xe9',
    'X\xe9: y',
    'X Y: z',
    'X: a\r\n b',
    '\tX: a',
    'X: \x01\x02',
    'Referer: \x7f',
    'User-Agent: \x1b]0;x\x07',
    Array.from({ length: 90 }, (_, index) => `X-${index}: y`).join('\r\n'),
    Array.from({ length: 900 }, (_, index) => `X-${index}: y`).join('\r\n'),
  ] // prettier-ignore
  return [
    ...hosts.map((host) => `GET ${prefix}/x HTTP/1.1\r\nHost: ${host}\r\n\r\n`),
    `GET ${prefix}/x HTTP/1.1\r\n\r\n`,
    `GET ${prefix}/x HTTP/1.1\r\n${HOST}\r\nHost: other.example\r\n\r\n`,
    `GET ${prefix}/x HTTP/1.1\n${HOST}\n\n`,
    `GET ${prefix}/x HTTP/1.1\r\n${HOST}\r\n`,
    ...single.map((header) => request({ prefix, method: 'GET', headers: [header], body: '' })),
  ]
}

interface Written {
  readonly prefix: string
  readonly method: string
  readonly headers: readonly string[]
  readonly body: string
}

/** As text, whatever its parts are. */
export function request({ prefix, method, headers: own, body }: Written): string {
  return `${[`${method} ${prefix}/x HTTP/1.1`, HOST, ...own].join('\r\n')}\r\n\r\n${body}`
}
