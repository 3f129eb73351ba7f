import { flag, list, type Read, shaped, whole, wholeOrNone } from '../../config/value.ts'
import type { Rate } from '../front/rules.ts'
import { key } from '../key.ts'

const MOST_MB = 1_000_000
const YEAR = 31_536_000

const rate: Read<Omit<Rate, 'burst'> | undefined> = (written) => {
  if (/^(|0|null)$/.test(written)) return { value: undefined }
  const [, requests = '', per] = /^(\d{1,6})\/([sm])$/.exec(written) ?? []
  const value = Number(requests)
  if (value < 1) return { expected: 'requests for each second or minute, such as 10/s or 30/m, or 0' }
  return { value: { requests: value, per: per === 's' ? 'second' : 'minute' } }
}

const networks: Read<readonly string[]> = (written) => {
  const expected = 'addresses or networks separated by commas, such as 127.0.0.1, 10.0.0.0/8, fd00::/8, or null'
  const read = list(',', /^[0-9a-fA-F.:]+(\/\d{1,3})?$/, expected)(written)
  return 'value' in read && !read.value.every(isNetwork) ? { expected } : read
}

/** nginx refuses any other, and then the whole plugin. */
function isNetwork(text: string): boolean {
  const [address = '', bits = '0'] = text.split('/')
  if (!address.includes(':')) {
    const bytes = address.split('.')
    return bytes.length === 4 && bytes.every((byte) => /^\d{1,3}$/.test(byte) && Number(byte) < 256) && Number(bits) <= 32
  }
  const [head = '', tail, ...more] = address.split('::')
  const groups = [head, tail ?? ''].flatMap((part) => (part === '' ? [] : part.split(':')))
  const isWhole = tail === undefined ? groups.length === 8 : groups.length < 8 && more.length === 0
  return isWhole && groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)) && Number(bits) <= 128
}

const ownFile = shaped(
  /^\/?(?!\/)(?!.*(^|\/)\.\.(\/|$))[^\s"'\\{}$;][^"'\\{}$;]*$/,
  'the path of a file in the plugin, or one that begins with /, or null',
)

const token = /^[\w!#$%&'*+.^`|~-]{1,64}$/

/** What nginx does in front of an app: who may ask, how often, and how it answers. Public, so an administrator may say otherwise. */
export const RULE_KEYS = {
  ssl_certificate: key(
    'ssl_certificate',
    ownFile,
    'null',
    'File of the certificate for the virtual hosts of the app, its chain included, in PEM format: relative to the plugin, or a path that begins with /. It counts where nginx serves HTTPS. An administrator writes it into an override of the plugin. null: as the configuration of the module says.',
  ),
  ssl_certificate_key: key(
    'ssl_certificate_key',
    ownFile,
    'null',
    'File of the private key of ssl_certificate, without a password, in PEM format. A release should not have it in it: name one outside of the plugin.',
  ),
  auth_basic_user_file: key(
    'auth_basic_user_file',
    ownFile,
    'null',
    'File with the names and passwords of those who may use the app, as htpasswd and openssl passwd write it: relative to the plugin, or a path that begins with /. It counts for every URL of the app, its static files and its virtual hosts. null: everybody may.',
  ),
  allowed_networks: key(
    'allowed_networks',
    networks,
    'null',
    'Addresses and networks that may use the app, separated by commas, such as 127.0.0.1, 10.0.0.0/8. All others get 403, for every URL of the app. Behind a proxy [nginx] real_ip has to be set. null: everybody may.',
  ),
  rate_limit: key(
    'rate_limit',
    rate,
    '0',
    'How many requests each client may send in a second or a minute, such as 10/s or 30/m. More get 429 with Retry-After. Files count too. An IPv6 network of 64 bits is one client. 0: no limit.',
  ),
  rate_limit_burst: key(
    'rate_limit_burst',
    wholeOrNone(100_000),
    '0',
    'How many requests beyond rate_limit may come at once, such as those for the images of a page. 0: as many as the number in rate_limit.',
  ),
  connection_limit: key(
    'connection_limit',
    wholeOrNone(100_000),
    '0',
    'How many requests of one client are answered at the same time. More get 429 with Retry-After. 0: no limit.',
  ),
  request_limit: key(
    'request_limit',
    wholeOrNone(100_000),
    '0',
    'How many requests of all clients together the app answers at the same time, those that wait for a worker included. More get 503 with Retry-After, so that an app that is too slow for its load answers some instead of none. Files count too. With it, connection_limit answers 503 as well. 0: no limit.',
  ),
  cors_origins: key(
    'cors_origins',
    list(
      ',',
      /^(\*|https?:\/\/(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*(:\d{1,5})?)$/,
      'origins separated by commas, such as https://www.example.org, https://*.example.org, or *, or null',
    ),
    'null',
    'Pages of which other sites may ask the app from a browser, separated by commas: https://www.example.org, https://*.example.org for all names below one, * for all. nginx answers what a browser asks before, and says so in each answer instead of the app. null: the app says it itself, or nobody may.',
  ),
  cors_methods: key(
    'cors_methods',
    list(',', /^[A-Z]{1,32}$/, 'methods separated by commas, such as GET, POST, DELETE'),
    'GET, HEAD, POST',
    'The methods that pages of cors_origins may use.',
  ),
  cors_headers: key(
    'cors_headers',
    list(',', token, 'names of headers separated by commas, such as Content-Type, Authorization, or null'),
    'null',
    'The request headers that pages of cors_origins may send, besides those that need no leave. Content-Type is needed for JSON.',
  ),
  cors_exposed_headers: key(
    'cors_exposed_headers',
    list(',', token, 'names of headers separated by commas, such as X-Request-Id, or null'),
    'null',
    'The headers of an answer that pages of cors_origins may read, besides those that need no leave.',
  ),
  cors_credentials: key(
    'cors_credentials',
    flag,
    '0',
    '1: pages of cors_origins may send cookies and passwords. Not together with the origin *.',
  ),
  static_max_age: key(
    'static_max_age',
    wholeOrNone(YEAR),
    '0',
    'Seconds for which a browser may use its copy of a static file without asking. Only for files that get another name when they change. 0: it asks each time whether its copy is still good.',
  ),
  gzip: key(
    'gzip',
    flag,
    '0',
    '1: answers that are text or JSON are compressed for clients that take it, those of the app too. Not for pages that show a secret beside what a visitor sends.',
  ),
  upload_max_body_size: key(
    'upload_max_body_size',
    wholeOrNone(MOST_MB),
    '0',
    'The largest body of a request, in megabytes; more gets 413. 0: the upload_max_body_size of [nginx] in the configuration of the module.',
  ),
  buffering: key(
    'buffering',
    flag,
    '1',
    '0: what the app writes goes to the client at once, as streams and server-sent events need it. A slow client then holds its worker.',
  ),
  request_header_max_size: key(
    'request_header_max_size',
    whole(0, 1024),
    '0',
    'The longest URL and the longest header of a request to the virtual hosts of the app, in kilobytes; more gets 414 or 431. It counts behind the header Host: what comes before has the 32 of the main server. 0: 32.',
  ),
}
