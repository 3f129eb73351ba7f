import assert from 'node:assert/strict'
import { test } from 'node:test'
import { routesOf } from '../../../test/support/routes-fixture.ts'
import type { LuaRoutes, Routes } from '../../desired/desired.ts'
import { formatProblem } from '../../problem.ts'
import type { NginxLua } from '../machine.ts'
import { render } from '../render.ts'

const WITH: NginxLua = { modules: ['/m/ndk.so', '/m/lua.so'], directories: ['/l'] }
const LUA: LuaRoutes = { file: '/p/blog/server.conf', init: undefined, directories: ['/p/blog'], version: '1' }

test('without Lua in a fragment nothing of Lua is in nginx.conf, whatever nginx could do', () => {
  assert.doesNotMatch(text(routes(undefined), WITH), /lua|load_module/i)
})

test('the modules stand before everything else, and Lua looks into the plugins, then into its own libraries', () => {
  const written = text(routes(LUA), WITH)
  assert.match(written, /^#[^\n]*\nload_module "\/m\/ndk\.so";\nload_module "\/m\/lua\.so";\n/)
  assert.match(written, /lua_package_path "\/p\/blog\/\?\.lua;\/l\/\?\.lua;;";/)
  // A list of directories has no escapes.
  assert.match(text(routes({ ...LUA, directories: ['/a;b', '/c$d', '/ok'] }), WITH), /lua_package_path "\/ok\/\?\.lua;\/l/)
  assert.notEqual(text(routes({ ...LUA, version: '2' }), WITH), written, 'an edit is another text')
})

test('code for the start of a worker is a text in Lua that nothing in it can end, and that nginx can read', () => {
  const code = `-- ]] } "x" \\ \u00e9\nreturn {{1}}\n${'y'.repeat(10_000)}`
  const written = text(routes({ ...LUA, init: { file: '/p/"blog"/init.lua', text: code } }), WITH)
  const lines = written.split('\n').filter((line) => line.startsWith('  "'))
  assert.ok(lines.every((line) => line.length < 4000))
  assert.ok(written.includes('run("@/p/\\034blog\\034/init.lua", {'))
  const back = lines.map((line) =>
    line
      .trim()
      .slice(1, -2)
      .replaceAll(/\\(\d{3})/g, (_all, byte: string) => String.fromCharCode(Number(byte))),
  )
  assert.equal(Buffer.from(back.join(''), 'latin1').toString('utf8'), `${code}\n`)
})

test('a plugin that needs Lua is refused with what to do where nginx has none, or was started too early; no other is', () => {
  const told = (lua: NginxLua | undefined) => {
    const rendered = render(routes(LUA), { modules: new Set(), openFiles: 1000, lua })
    return 'problems' in rendered ? rendered.problems.map(({ plugin, problem }) => [plugin, formatProblem(problem)]) : []
  }
  const [[plugin, missing = ''] = []] = told(undefined)
  assert.equal(plugin, 'blog')
  assert.match(
    missing,
    /^\/p\/blog\/server\.conf {2}the nginx of this machine has no Lua module.*TOOL_MISSING[\s\S]*mfserv setup --with lua/,
  )
  assert.match(
    told({ ...WITH, needsRestart: true })[0]?.[1] ?? '',
    /unpacked after nginx had been started[\s\S]*mfserv\.stop and mfserv\.start/,
  )
  assert.deepEqual(told(WITH), [])
})

function routes(lua: LuaRoutes | undefined): Routes {
  const all = routesOf(
    {
      plugins: [
        { plugin: 'blog', apps: [] },
        { plugin: 'shop', apps: [] },
      ],
    },
    '/HOME',
  )
  return { ...all, plugins: all.plugins.map((one) => (one.plugin === 'blog' && lua !== undefined ? { ...one, lua } : one)) }
}

function text(all: Routes, lua: NginxLua): string {
  const rendered = render(all, { modules: new Set(), openFiles: 1000, lua })
  assert.ok('text' in rendered)
  return rendered.text
}
