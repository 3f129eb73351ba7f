import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { pathsOf } from '../home/paths.ts'
import { asItRuns, keepLibraries } from './libraries-at-start.ts'
import { luaOf, luaRoot } from './lua.ts'

const place = mkdtempSync(join(tmpdir(), 'mflua'))
const paths = pathsOf(place)
after(() => rmSync(place, { recursive: true, force: true }))

test('Lua is a part of nginx, or a module beside it, or one that was unpacked', () => {
  assert.deepEqual(luaOf('--add-module=../ngx_lua-0.10.21 --with-x', paths), { modules: [], directories: [] })
  const beside = join(place, 'modules')
  assert.equal(luaOf(`--modules-path=${beside}`, paths), undefined)
  const unpacked = join(luaRoot(paths), 'usr/lib/nginx/modules')
  put(join(unpacked, 'ngx_http_lua_module.so'))
  put(join(unpacked, 'ndk_http_module.so'))
  assert.deepEqual(luaOf(`--modules-path=${beside} --add-dynamic-module=/x/lua`, paths), {
    modules: [join(unpacked, 'ndk_http_module.so'), join(unpacked, 'ngx_http_lua_module.so')],
    directories: [join(luaRoot(paths), 'usr/share/lua/5.1')],
  })
  put(join(beside, 'ngx_http_lua_module.so'))
  assert.deepEqual(luaOf(`--modules-path=${beside}`, paths), {
    modules: [join(beside, 'ngx_http_lua_module.so')],
    directories: [],
  })
})

test('a module that was unpacked is for an nginx that was started with its libraries', () => {
  const lua = { modules: ['/x.so'], directories: ['/l'] }
  const program = {
    path: '/nginx',
    version: '1.22.1',
    env: { LD_LIBRARY_PATH: '/libs' },
    machine: { modules: new Set<string>(), openFiles: 1, lua },
  }
  mkdirSync(dirname(paths.nginxPid), { recursive: true })
  keepLibraries({ ...program, env: {} }, paths)
  assert.equal(asItRuns(program, paths).machine.lua?.needsRestart, true)
  const installed = { ...program, machine: { ...program.machine, lua: { ...lua, directories: [] } } }
  assert.equal(asItRuns(installed, paths), installed)
  keepLibraries(program, paths)
  assert.equal(asItRuns(program, paths), program)
})

function put(file: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, '')
}
