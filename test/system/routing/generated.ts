import fc from 'fast-check'

/** What the config.ini of a plugin says about who gets what. */
export interface PluginWords {
  readonly name: string
  readonly apps: readonly AppWords[]
}

export interface AppWords {
  readonly name: string
  readonly type: 'command' | 'static'
  readonly workers: number
  readonly mount: boolean
  readonly prefixRouting: boolean
  readonly extraRoutes: readonly string[]
  readonly hostRouting: boolean
  readonly extraHosts: readonly string[]
  readonly staticRouting: boolean
  readonly staticPrefix: string
  readonly hasStaticDirectory: boolean
  /** Nobody on this machine may use it. */
  readonly isClosed: boolean
  /** Lines that change no owner: nginx takes them in every kind of location. */
  readonly rules: readonly string[]
}

export interface Asked {
  readonly host: string
  readonly url: string
}

const PLUGINS = ['a', 'ab', 'a-b', 'a_b', 'A', 'b', 'main', 'static', 'x1', 'Zoo', 'zoo', 'www']
const APPS = ['main', 'second', 'static', 'api', 'A']
const ROUTES = [
  ...['/', '/maps', '/maps/static', '/maps/x', '/a', '/a/main', '/a/main/x', '/b/x', '/ab/static/x', '/zoo', '/static', '/é'],
  ...['/status', '/uuid', '/__health', '/__mfserv/x'],
]
const HOSTS = [
  ...['www.example.org', 'WWW.example.org', '*.example.org', '*.a.example.org', '*.org', 'www.*', 'www.example.*', 'example.org'],
  ...['a.localhost', 'main.zoo.test', '127.0.0.1', 'localhost'],
]
const RULES = [
  ...[
    'auth_basic_user_file=/etc/passwd',
    'rate_limit=1000/s',
    'rate_limit_burst=9',
    'connection_limit=100',
    'request_limit=100',
    'gzip=1',
    'buffering=0',
  ],
  ...[
    'cors_origins=https://*.example.org, http://a.org:81',
    'cors_methods=PUT',
    'cors_headers=X-A, X-B',
    'cors_exposed_headers=X-C',
  ],
  ...['cors_credentials=1', 'static_max_age=5', 'upload_max_body_size=7', 'request_header_max_size=9'],
]
const PREFIXES = ['/static', '/files', '/x/y', '/main']
const TAILS = [
  '',
  '/',
  '/x',
  '/x/y.txt',
  '/static',
  '/static/',
  '/static/y.txt',
  '/files/y.txt',
  '/main/z',
  'x',
  '//x',
  '/%78',
  '/./x',
  '/../x',
  '/x/..',
]

const rarely = (): fc.Arbitrary<boolean> => fc.integer({ min: 0, max: 5 }).map((number) => number === 0)
const mostly = (): fc.Arbitrary<boolean> => rarely().map((isRare) => !isRare)

const app = (name: string): fc.Arbitrary<AppWords> =>
  fc.record({
    name: fc.constant(name),
    type: fc.constantFrom('command', 'command', 'static'),
    workers: mostly().map(Number),
    mount: fc.boolean(),
    prefixRouting: mostly(),
    extraRoutes: fc.uniqueArray(fc.constantFrom(...ROUTES), { maxLength: 3 }),
    hostRouting: fc.boolean(),
    extraHosts: fc.uniqueArray(fc.constantFrom(...HOSTS), { maxLength: 3 }),
    staticRouting: mostly(),
    staticPrefix: fc.constantFrom(...PREFIXES),
    hasStaticDirectory: mostly(),
    isClosed: rarely(),
    rules: fc.subarray(RULES),
  })

/** In no order of their names. */
export const plugins: fc.Arbitrary<readonly PluginWords[]> = fc
  .uniqueArray(fc.constantFrom(...PLUGINS), { minLength: 5, maxLength: PLUGINS.length })
  .chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc
          .uniqueArray(fc.constantFrom(...APPS), { minLength: 1, maxLength: 3 })
          .chain((apps) => fc.tuple(...apps.map(app)))
          .map((apps) => ({ name, apps })),
      ),
    ),
  )

const prefix = fc.oneof(
  fc.constantFrom(...ROUTES.filter((route) => route !== '/'), ''),
  fc
    .tuple(fc.constantFrom(...PLUGINS, 'none'), fc.constantFrom('', ...APPS.map((name) => `/${name}`)))
    .map(([plugin, name]) => `/${plugin}${name}`),
)
const host = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('127.0.0.1', 'nothing.example.net', 'test') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...HOSTS.filter((name) => !name.includes('*')),
      'x.example.org',
      'x.y.a.example.org',
      'www.other',
      'www.example.net',
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom('', ...APPS.map((name) => `${name}.`)),
        fc.constantFrom(...PLUGINS),
        fc.constantFrom('.test', '.localhost', '.TEST', '.localhost:81'),
      )
      .map((parts) => parts.join('')),
  },
)

/** So many requests, most of them near to what somebody has. */
export function requests(count: number): fc.Arbitrary<readonly Asked[]> {
  const one = fc.tuple(host, prefix, fc.constantFrom(...TAILS)).map(([name, path, tail]) => {
    const url = `${path}${tail}`
    return { host: name, url: encodeURI(url.startsWith('/') ? url : `/${url}`).replaceAll('%25', '%') }
  })
  return fc.array(one, { minLength: count, maxLength: count })
}
