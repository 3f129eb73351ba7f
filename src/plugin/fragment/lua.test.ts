import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePlugin } from '../parse.ts'
import { luaFragment } from './lua.ts'

const GENERAL = '[general]\nversion=1\nsummary=s\nlicense=l\nurl=u\nmaintainer=m\nvendor=v\n'
const HTTP = 'extra_nginx_http_conf_filename=http.conf\n'
const SERVER = 'extra_nginx_server_conf_filename=server.conf\n'
const APP = '[app_main]\ntype=static\nextra_nginx_conf_filename=app.conf\n'
const LUA = 'content_by_lua_block { ngx.say(1) }'

test('a plugin needs Lua where any of its fragments does, and the first one of them is named', () => {
  const cases = [
    [`${HTTP}${SERVER}`, { 'http.conf': 'a;', 'server.conf': 'b;' }, undefined],
    [`${HTTP}${SERVER}`, { 'http.conf': LUA, 'server.conf': LUA }, 'http.conf'],
    [`${HTTP}${SERVER}`, { 'http.conf': 'a;', 'server.conf': LUA }, 'server.conf'],
    [HTTP, { 'http.conf': `# ${LUA}\na;` }, undefined],
    [HTTP, { 'http.conf': 'lua_shared_dict a 1m;' }, 'http.conf'],
    [APP, { 'app.conf': LUA }, 'app.conf'],
    [APP.replace('conf_filename', 'conf_static_filename'), { 'app.conf': LUA }, 'app.conf'],
    [`${HTTP}extra_nginx_init_worker_by_lua_block_filename=x.lua\n`, { 'http.conf': LUA, 'x.lua': 'x()' }, 'x.lua'],
  ] as const
  for (const [lines, texts, expected] of cases)
    assert.equal(luaFragment(parsed(lines, texts))?.file, expected && `/plugins/blog/${expected}`, lines)
})

function parsed(lines: string, texts: Readonly<Record<string, string>>) {
  const files = {
    label: { file: '.layerapi2_label', text: 'plugin_blog@mfserv' },
    configIni: { file: 'config.ini', text: `${GENERAL}${lines}` },
    dependencies: undefined,
    extraEnv: undefined,
    crontab: undefined,
  }
  const { plugin } = parsePlugin(files, { home: '/plugins/blog', present: () => true, text: (path) => texts[path] }, {})
  return plugin ?? assert.fail(lines)
}
