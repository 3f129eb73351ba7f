import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type AppCase, MACHINE, type RoutesCase, routesOf } from '../../test/support/routes-fixture.ts'
import { render } from './render.ts'

/** `<plugin>/<app>`, with ` static` behind it for its static files; `mfserv` for what no plugin gets. */
type Owner = string

interface Location {
  readonly kind: '=' | '^~' | ''
  readonly path: string
  readonly owner: Owner
}

const segment = fc.constantFrom('p', 'p2', 'x', 'main', 'static', 'status', 'y z', 'é')
const route = fc.oneof(
  { weight: 1, arbitrary: fc.constant('/') },
  { weight: 6, arbitrary: fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => `/${segments.join('/')}`) },
)
const url = fc.tuple(route, fc.constantFrom('', '/', '/file.txt', 'x')).map(([path, tail]) => path + tail)
const app = (name: string): fc.Arbitrary<AppCase> =>
  fc.record({
    app: fc.constant(name),
    kind: fc.constantFrom('proxy' as const, 'files' as const),
    prefixes: fc.array(route, { maxLength: 4 }),
    static: fc.option(fc.record({ urlPrefix: fc.constantFrom('/static', 'x/', '/p/static/'), directory: fc.constant('/s') }), {
      nil: undefined,
    }),
  })
const plugins: fc.Arbitrary<NonNullable<RoutesCase['plugins']>> = fc.tuple(
  ...['p', 'p2', 'status'].map((plugin) => fc.record({ plugin: fc.constant(plugin), apps: fc.tuple(app('main'), app('x')) })),
)

test('the location that nginx picks belongs to the app with the longest prefix of the URL, at a boundary of the path', () => {
  fc.assert(
    fc.property(plugins, fc.array(url, { minLength: 5, maxLength: 20 }), (input, urls) => {
      const locations = locationsOf(input)
      for (const one of urls) assert.equal(picked(locations, one), owner(input, one), one)
    }),
    { numRuns: 200 },
  )
})

test('no location stands twice, which nginx would refuse', () => {
  fc.assert(
    fc.property(plugins, (input) => {
      const keys = locationsOf(input).map(({ kind, path }) => `${kind === '=' ? '=' : ''}${path}`)
      assert.deepEqual(keys, [...new Set(keys)])
    }),
  )
})

test('the URLs of p2 never reach p', () => {
  const locations = locationsOf([{ plugin: 'p', apps: [{ app: 'main', prefixes: ['/p/main', '/p'] }] }])
  for (const one of ['/p2', '/p2x', '/p2/', '/px/y']) assert.equal(picked(locations, one), 'mfserv', one)
})

/** What nginx does: an exact match, else the longest prefix. There is no regular expression to try. */
function picked(locations: readonly Location[], one: string): Owner | undefined {
  const exact = locations.find(({ kind, path }) => kind === '=' && path === one)
  const longest = locations
    .filter(({ kind, path }) => kind !== '=' && one.startsWith(path))
    .reduce<Location | undefined>(
      (best, next) => (best === undefined || next.path.length > best.path.length ? next : best),
      undefined,
    )
  return (exact ?? longest)?.owner
}

/** What it should be, written without a thought of locations. */
function owner(input: NonNullable<RoutesCase['plugins']>, one: string): Owner {
  if (['/status', '/uuid', '/__health'].includes(one)) return 'mfserv'
  const apps = input.flatMap(({ plugin, apps: all = [] }) => all.map((each) => ({ plugin, each })))
  const wishes = [0, 1].flatMap((turn) =>
    apps.flatMap(
      ({ plugin, each }) =>
        (turn === 0 ? each.prefixes?.slice(0, 1) : each.prefixes?.slice(1))?.map((prefix) => ({ plugin, each, prefix })) ?? [],
    ),
  )
  const won = wishes.filter(({ prefix }, index) => wishes.findIndex((other) => other.prefix === prefix) === index)
  const forApp = won.map(({ plugin, each, prefix }) => ({
    base: trimmed(prefix),
    owner: `${plugin}/${each.app}`,
    needsSlash: prefix === '/',
  }))
  const forStatic = won.flatMap(({ plugin, each, prefix }) => {
    if (each.kind === 'files' || each.static === undefined) return []
    return [
      {
        base: trimmed(`${trimmed(prefix)}/${each.static.urlPrefix.replace(/^\//, '')}`),
        owner: `${plugin}/${each.app} static`,
        needsSlash: true,
      },
    ]
  })
  const matching = [...forApp, ...forStatic].filter(
    ({ base, needsSlash }) => one.startsWith(`${base}/`) || (!needsSlash && one === base),
  )
  const longest = Math.max(...matching.map(({ base }) => base.length))
  return matching.find(({ base }) => base.length === longest)?.owner ?? 'mfserv'
}

function trimmed(path: string): string {
  return path.replace(/\/+$/, '')
}

function locationsOf(input: NonNullable<RoutesCase['plugins']>): readonly Location[] {
  const rendered = render(routesOf({ plugins: input }, '/HOME'), MACHINE)
  assert.ok('text' in rendered)
  const server = rendered.text.slice(rendered.text.indexOf('\n  server {'))
  return [...server.matchAll(/^ {4}location (?:(=|\^~) )?"?(\/[^"{]*?)"? \{\n([\s\S]*?)^ {4}\}/gm)].map(
    ([, kind = '', path = '', body = '']) => {
      const plugin = /\$mfserv_plugin "([^#"]+)"/.exec(body)?.[1]
      const name = /\$mfserv_app "([^"]+)"/.exec(body)?.[1]
      const own = plugin === undefined ? 'mfserv' : `${plugin}/${name}`
      return { kind: kind as Location['kind'], path, owner: kind === '^~' && plugin !== undefined ? `${own} static` : own }
    },
  )
}
