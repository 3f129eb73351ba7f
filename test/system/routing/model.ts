import type { AppWords, PluginWords } from './generated.ts'

/** `<plugin>/<app>`, with ` static` behind it for its static files; `closed` for an app that nobody may use; `mfserv` for what no plugin gets. */
export type Owner = string

/** The names of the machine, in the order in which apps have theirs under them. */
export const HOSTNAMES = ['test', 'test.example.org', 'localhost'] as const
export const HEALTH = '/__health'

const MFSERV = 'mfserv'

interface Served {
  readonly name: string
  readonly words: AppWords
  readonly ownPrefixes: readonly string[]
  readonly ownHosts: readonly string[]
}

/**
 * Who has to answer, by what the documents promise, without a thought of how nginx is told: first the host names, then the prefixes
 * of the main server.
 */
export function whoAnswers(plugins: readonly PluginWords[]): (host: string, url: string) => Owner {
  const apps = plugins.toSorted((one, other) => (one.name < other.name ? -1 : 1)).flatMap(servedApps)
  const hosts = hostsOf(apps)
  const prefixes = prefixesOf(apps)
  const closed = new Set(apps.filter(({ words }) => words.isClosed).map(({ name }) => name))
  return (host, url) => {
    const path = normal(url)
    if (path === undefined) return MFSERV
    const named = atHost(hosts, host.toLowerCase().replace(/:\d+$/, ''))
    const owner = named === undefined ? atPrefix(prefixes, path) : onHost(named, path)
    return closed.has(owner.replace(/ static$/, '')) ? 'closed' : owner
  }
}

function servedApps({ name, apps }: PluginWords): readonly Served[] {
  return apps
    .filter(({ type, workers }) => type === 'static' || workers > 0)
    .map((words) => {
      const isMain = words.name === 'main' || apps.length === 1
      const called = [`${words.name}.${name}`, ...(isMain ? [name] : [])]
      return {
        name: `${name}/${words.name}`,
        words,
        ownPrefixes: words.prefixRouting ? [`/${name}/${words.name}`, ...(isMain ? [`/${name}`] : [])] : [],
        ownHosts: words.hostRouting ? called.flatMap((one) => HOSTNAMES.map((host) => `${one}.${host}`)) : [],
      }
    })
}

/** The first that wants it has it: what is its own before what is not. */
function shared(apps: readonly Served[], own: (app: Served) => readonly string[], extra: (app: Served) => readonly string[]) {
  const owners = new Map<string, Served>()
  for (const wanted of [own, extra]) {
    for (const app of apps) for (const one of wanted(app)) if (!owners.has(one)) owners.set(one, app)
  }
  return owners
}

function hostsOf(apps: readonly Served[]): ReadonlyMap<string, Served> {
  const lower = (names: readonly string[]): readonly string[] => names.map((name) => name.toLowerCase())
  const owners = shared(
    apps,
    ({ ownHosts }) => lower(ownHosts),
    ({ words }) => (words.hostRouting ? lower(words.extraHosts) : []),
  )
  owners.delete('127.0.0.1')
  return owners
}

interface Prefix {
  readonly path: string
  readonly owner: Owner
  readonly isStatic: boolean
}

function prefixesOf(apps: readonly Served[]): readonly Prefix[] {
  const isOurs = (path: string): boolean =>
    ['/status', '/uuid', '/__mfserv', HEALTH].includes(path) || path.startsWith('/__mfserv/')
  const owners = shared(
    apps,
    ({ ownPrefixes }) => ownPrefixes,
    ({ words }) => (words.prefixRouting ? words.extraRoutes : []),
  )
  const won = [...owners].filter(([path]) => !isOurs(path))
  // Static files of an own prefix are found before those of another one.
  const ranked = won.toSorted(([path], [other]) => Number(!isOwn(owners, path)) - Number(!isOwn(owners, other)))
  return [
    ...won.map(([path, { name }]) => ({ path, owner: name, isStatic: false })),
    ...ranked.flatMap(([path, app]) =>
      hasFiles(app)
        ? [{ path: `${path === '/' ? '' : path}${app.words.staticPrefix}`, owner: `${app.name} static`, isStatic: true }]
        : [],
    ),
  ]
}

function isOwn(owners: ReadonlyMap<string, Served>, path: string): boolean {
  return owners.get(path)?.ownPrefixes.includes(path) === true
}

function hasFiles({ words }: Served): boolean {
  return words.type === 'command' && words.staticRouting && words.hasStaticDirectory
}

function atPrefix(prefixes: readonly Prefix[], path: string): Owner {
  if (['/status', '/uuid', HEALTH].includes(path) || path.startsWith('/__mfserv/')) return MFSERV
  const fitting = prefixes.filter(
    (one) => one.path === '/' || path.startsWith(`${one.path}/`) || (!one.isStatic && path === one.path),
  )
  const longest = Math.max(...fitting.map((one) => (one.path === '/' ? 0 : one.path.length)))
  const best = fitting.filter((one) => (one.path === '/' ? 0 : one.path.length) === longest)
  return (best.find(({ isStatic }) => !isStatic) ?? best[0])?.owner ?? MFSERV
}

function onHost(app: Served, path: string): Owner {
  return hasFiles(app) && path.startsWith(`${app.words.staticPrefix}/`) ? `${app.name} static` : app.name
}

/** A whole name, then the longest with a star in front, then the longest with one behind. */
function atHost(owners: ReadonlyMap<string, Served>, host: string): Served | undefined {
  const whole = owners.get(host)
  if (whole !== undefined) return whole
  const stars = [...owners].filter(([name]) => name.includes('*'))
  const before = stars.filter(([name]) => name.startsWith('*.') && host.endsWith(name.slice(1)) && host.length > name.length - 1)
  const behind = stars.filter(
    ([name]) => name.endsWith('.*') && host.startsWith(name.slice(0, -1)) && host.length > name.length - 1,
  )
  const longest = (all: typeof stars) => all.toSorted(([one], [other]) => other.length - one.length)[0]?.[1]
  return longest(before) ?? longest(behind)
}

/** As RFC 3986 has it, and with several slashes as one; undefined for what leads out of all, which is refused. */
function normal(url: string): string | undefined {
  const parts: string[] = []
  const segments = decodeURIComponent(url).replace(/\/+/g, '/').split('/').slice(1)
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1
    if (segment === '..' && parts.pop() === undefined) return undefined
    if (segment !== '.' && segment !== '..') parts.push(segment)
    else if (isLast) parts.push('')
  }
  return `/${parts.join('/')}`
}
