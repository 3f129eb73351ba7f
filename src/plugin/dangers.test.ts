import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isError } from '../problem.ts'
import { type Danger, dangersOf, dangersText } from './dangers.ts'
import { parsePlugin } from './parse.ts'

const GENERAL = '[general]\nversion=1\nsummary=s\nlicense=l\nurl=u\nmaintainer=m\nvendor=v\n'
const APP = '[app_main]\ntype=static\n'

test('what debug=1 opens is told for the language of the app', () => {
  const why = (type: string, entry = 'serve {unix_socket_path}'): string | undefined =>
    dangers(`${GENERAL}[app_main]\ntype=${type}\nmain_arg=${entry}\nworkers=1\ndebug=1\n`).find(({ kind }) => kind === 'debug')
      ?.why
  const python = 'one worker only, and a debugger in the browser that runs any code for whoever knows its PIN'
  assert.equal(why('python3_sync', 'main.wsgi:app'), python)
  assert.equal(why('python2_sync', 'main.wsgi:app'), python)
  assert.equal(
    why('node'),
    'one worker only, and an inspector of Node on loopback that runs any code for whoever on this machine connects to it',
  )
  assert.equal(why('php'), 'one worker only, and PHP errors in the answers, for whoever may debug')
  assert.equal(why('command'), 'one worker only')
})

test('a plugin that keeps to itself is told nothing about, however it is routed below its own name', () => {
  assert.deepEqual(dangers(`${GENERAL}${APP}virtualdomain_based_routing=1\n`), [])
  assert.deepEqual(dangersText('blog', []), [])
})

test('a piece of nginx configuration for everybody is a danger, and is named by its file in the plugin', () => {
  assert.deepEqual(text(`${GENERAL}extra_nginx_http_conf_filename=conf/http.conf\n${APP}`), [
    'The plugin blog is dangerous: it can affect other plugins, or be abused.',
    '  conf/http.conf: goes into the http level of nginx as it is, so it can change how every plugin is served',
  ])
  assert.deepEqual(text(`${GENERAL}extra_nginx_server_conf_filename=server.conf\n${APP}`), [
    'The plugin blog is dangerous: it can affect other plugins, or be abused.',
    '  server.conf: goes into the main server of nginx as it is, so it can take or change the URLs of every plugin',
  ])
})

test('Lua for the start of nginx is a danger as well', () => {
  assert.deepEqual(text(`${GENERAL}extra_nginx_init_worker_by_lua_block_filename=init.lua\n${APP}`), [
    'The plugin blog is dangerous: it can affect other plugins, or be abused.',
    '  init.lua: is Lua that runs inside nginx, so it can change how every plugin is served',
  ])
})

test('a piece for the app alone is worth a look, and no danger', () => {
  const why = 'goes into the locations of the app in nginx as it is'
  assert.deepEqual(text(`${GENERAL}${APP}extra_nginx_conf_filename=app.conf\n`), [
    'To know about the plugin blog:',
    `  app main: app.conf: ${why}`,
  ])
  assert.deepEqual(text(`${GENERAL}${APP}extra_nginx_conf_static_filename=static.conf\n`), [
    'To know about the plugin blog:',
    `  app main: static.conf: ${why}`,
  ])
})

test('each route outside the plugin is told, and that of every URL in its own words', () => {
  const routes = `${GENERAL}${APP}prefix_based_routing_extra_routes=/;/shop/cart\n`
  assert.deepEqual(text(routes), [
    'The plugin blog is dangerous: it can affect other plugins, or be abused.',
    '  app main: the route /: answers every URL that no other plugin claims',
    '  app main: the route /shop/cart: lies outside /blog, so it can hide a URL of another plugin',
  ])
  assert.deepEqual(
    dangers(routes).map(({ kind }) => kind),
    ['catch-all-route', 'extra-route'],
  )
  assert.deepEqual(text(`${routes}prefix_based_routing=0\n`), [], 'routes without routing lead nowhere')
})

test('the gravest comes first, whatever order they are found in', () => {
  const both = '[app_main]\ntype=static\nextra_nginx_conf_filename=a.conf\n[app_api]\ntype=static\ndebug=1\n'
  assert.deepEqual(
    dangers(`${GENERAL}extra_nginx_http_conf_filename=h.conf\n${both}`).map(({ level, app, kind }) => [level, app, kind]),
    [
      ['danger', undefined, 'nginx-fragment'],
      ['danger', 'api', 'debug'],
      ['note', 'main', 'app-fragment'],
    ],
  )
  assert.deepEqual(text(`${GENERAL}${both}`), [
    'The plugin blog is dangerous: it can affect other plugins, or be abused.',
    '  app api: debug=1: one worker only',
    'To know about the plugin blog:',
    '  app main: a.conf: goes into the locations of the app in nginx as it is',
  ])
})

test('a file beside the plugin keeps its whole name, also where that begins like the plugin', () => {
  const plugin = parsed(`${GENERAL}${APP}`)
  const fragment = { file: '/plugins/blog2/a.conf', text: '' }
  const [found] = dangersOf({ ...plugin, fragments: { http: fragment, server: undefined } })
  assert.equal(found?.subject, '/plugins/blog2/a.conf')
})

function text(configIni: string): readonly string[] {
  return dangersText('blog', dangers(configIni))
}

function dangers(configIni: string): readonly Danger[] {
  return dangersOf(parsed(configIni))
}

function parsed(configIni: string) {
  const files = {
    label: { file: '.layerapi2_label', text: 'plugin_blog@mfserv' },
    configIni: { file: 'config.ini', text: configIni },
    dependencies: undefined,
    extraEnv: undefined,
    crontab: undefined,
  }
  const { plugin, problems } = parsePlugin(files, { home: '/plugins/blog', present: () => true, text: () => '' }, {})
  assert.deepEqual(problems.filter(isError), [])
  assert.ok(plugin !== undefined)
  return plugin
}
