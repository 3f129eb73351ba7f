import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readTemplateSources } from '../operations/make/new-plugin.ts'
import { parsePlugin } from '../plugin/parse.ts'
import type { Plugin } from '../plugin/plugin.ts'
import { Problem } from '../problem.ts'
import type { Answers } from './questions.ts'
import { ask, withFallbacks } from './questions.ts'
import { type RenderedFile, render } from './render.ts'
import type { Template } from './template.ts'
import { checkName, findTemplate, TEMPLATES } from './templates.ts'

const SOURCES = readTemplateSources()
const EVERY = [
  '.autorestart_excludes',
  '.autorestart_includes',
  '.gitignore',
  '.layerapi2_dependencies',
  '.layerapi2_label',
  '.releaseignore',
  'Makefile',
  'README.md',
  'config.ini',
]
const OWN: Readonly<Record<string, readonly string[]>> = {
  default: ['main/__init__.py', 'main/wsgi.py', 'python3_virtualenv_sources/requirements-to-freeze.txt'],
  node: ['package.json', 'shop/server.js'],
  static: ['main/index.html'],
  empty: ['python3_virtualenv_sources/requirements-to-freeze.txt'],
  flask: [
    'main/__init__.py',
    'main/templates/page_not_found.html',
    'main/templates/template_urlparse/index.html',
    'main/wsgi.py',
    'python3_virtualenv_sources/requirements-to-freeze.txt',
  ],
  python3_raw_asgi: ['main/__init__.py', 'main/application.py', 'python3_virtualenv_sources/requirements-to-freeze.txt'],
  python3_tornado: ['main/__init__.py', 'main/application.py', 'python3_virtualenv_sources/requirements-to-freeze.txt'],
  php: ['main/index.php'],
  openresty: ['content_by_lua.lua', 'init_worker_by_lua.lua', 'nginx_extra_http.conf', 'nginx_extra_server.conf'],
  mediation: ['main/__init__.py', 'main/application.py', 'python3_virtualenv_sources/requirements-to-freeze.txt'],
  command: ['bin/serve'],
  django: ['postinstall', 'python3_virtualenv_sources/requirements-to-freeze.txt'],
}
/** What the postinstall script of a template makes before the plugin is checked. */
const MADE_LATER: Readonly<Record<string, readonly string[]>> = { django: ['shop/wsgi.py'] }

const OWN_QUESTIONS: Readonly<Record<string, readonly string[]>> = {
  default: ['type', 'workers'],
  empty: ['type'],
  node: ['workers'],
  django: ['type', 'workers'],
  static: [],
  flask: ['workers'],
  python3_raw_asgi: ['workers'],
  python3_tornado: ['workers'],
  php: ['workers'],
  mediation: ['workers'],
  openresty: [],
  command: ['workers'],
}

test('the templates are listed in the order of the documentation', () => {
  assert.deepEqual(Object.keys(TEMPLATES), [
    'default',
    'empty',
    'node',
    'django',
    'static',
    'flask',
    'python3_raw_asgi',
    'python3_tornado',
    'php',
    'command',
    'mediation',
    'openresty',
  ])
})

for (const [name, template] of Object.entries(TEMPLATES)) {
  test(`${name} asks its questions in the documented order`, () => {
    const crontab = name === 'static' ? [] : ['crontab_support']
    const own = OWN_QUESTIONS[name] ?? []
    const expected = ['version', 'one_line_summary', ...crontab, 'license', 'url', 'maintainer', 'vendor', ...own]
    assert.deepEqual(
      template.questions.map((question) => question.name),
      expected,
    )
  })

  test(`${name} makes exactly the documented files, and no placeholder stays in them`, () => {
    const files = render(template, 'shop', defaults(template), SOURCES)
    assert.deepEqual(files.map(({ path }) => path).sort(), [...EVERY, ...(OWN[name] ?? [])].sort())
    for (const { path, text } of files) assert.doesNotMatch(text, /@@/, path)
  })

  test(`${name} makes a plugin without any problem`, () => {
    const plugin = read(render(template, 'shop', defaults(template), SOURCES), MADE_LATER[name])
    assert.equal(plugin.name, 'shop')
    assert.equal(plugin.dialect, 'documented')
    assert.deepEqual([plugin.version, plugin.license, plugin.vendor], ['0.0.1', 'Proprietary', 'MetWork'])
  })

  test(`${name} takes over any answer, whatever characters it has`, () => {
    const odd = { ...defaults(template), one_line_summary: 'a = "b" # c; @@name@@ $& <d> %s', maintainer: 'Zoé <z@example.org>' }
    const plugin = read(render(template, 'shop', odd, SOURCES), MADE_LATER[name])
    assert.deepEqual([plugin.summary, plugin.maintainer], [odd.one_line_summary, odd.maintainer])
  })
}

test('the apps of a new plugin are the documented ones', () => {
  const app = (name: string) => read(render(named(name), 'shop', defaults(named(name)), SOURCES), MADE_LATER[name]).apps
  const facts = (name: string) =>
    app(name).map(({ name, type, entry, workers, maxAge }) => ({ name, type, entry, workers, maxAge }))
  assert.deepEqual(facts('default'), [
    { name: 'main', type: 'python3_sync', entry: 'main.wsgi:application', workers: 8, maxAge: 3600 },
  ])
  assert.deepEqual(facts('node'), [{ name: 'shop', type: 'node', entry: 'server.js', workers: 4, maxAge: 3600 }])
  assert.deepEqual(facts('flask'), [{ name: 'main', type: 'python3_sync', entry: 'main.wsgi:app', workers: 8, maxAge: 3600 }])
  assert.deepEqual(facts('django'), [
    { name: 'shop', type: 'python3_sync', entry: 'shop.wsgi:application', workers: 8, maxAge: 3600 },
  ])
  assert.deepEqual(facts('python3_raw_asgi'), [
    { name: 'main', type: 'python3_asgi', entry: 'main.application:app', workers: 8, maxAge: 3600 },
  ])
  assert.deepEqual(facts('python3_tornado'), [
    { name: 'main', type: 'python3_tornado', entry: 'main/application.py', workers: 8, maxAge: 3600 },
  ])
  assert.deepEqual(facts('empty'), [])
  assert.deepEqual(
    app('static').map(({ name, type }) => ({ name, type })),
    [{ name: 'main', type: 'static' }],
  )
})

test('the type of an empty plugin decides which environment it can get', () => {
  const made = (type: string) =>
    render(named('empty'), 'shop', { ...defaults(named('empty')), type }, SOURCES)
      .map(({ path }) => path)
      .filter((path) => !EVERY.includes(path))
  assert.deepEqual(made('python3'), ['python3_virtualenv_sources/requirements-to-freeze.txt'])
  assert.deepEqual(made('python2'), ['python2_virtualenv_sources/requirements-to-freeze.txt'])
  assert.deepEqual(made('node'), ['package.json'])
  assert.deepEqual(made('nothing'), [])
})

test('the names of the later generation make the plugins of the templates here, without asking what the name says', () => {
  const made = (name: string) => render(named(name), 'shop', defaults(named(name)), SOURCES)
  const withType = (type: string) => render(named('empty'), 'shop', { ...defaults(named('empty')), type }, SOURCES)
  assert.deepEqual(made('python3_flask'), made('flask'))
  assert.deepEqual(
    made('python3_django').map(({ path }) => path),
    made('django').map(({ path }) => path),
  )
  const postinstall = (name: string) => made(name).find(({ path }) => path === 'postinstall')?.text
  assert.match(postinstall('python3_django') ?? '', /startapp main\n[\s\S]*HttpResponse\("Hello World from django main app"\)/)
  assert.equal(checkName('main', named('python3_django'))?.code, 'PLUGIN_NAME')
  assert.equal(checkName('main', named('django')), undefined)
  // There it has a directory for its programs.
  const withBin = (name: string) => made(name).filter(({ path }) => path !== 'bin/README')
  assert.deepEqual(withBin('python3_noweb'), withType('python3'))
  assert.deepEqual(withBin('node_noweb'), withType('node'))
  assert.equal(made('node_noweb').length, withType('node').length + 1)
  const ofType = (type: string) => render(named('default'), 'shop', { ...defaults(named('default')), type }, SOURCES)
  assert.deepEqual(made('python3_raw_wsgi'), ofType('python3_sync'))
  assert.deepEqual(made('python3_aiohttp'), ofType('aiohttp'))
  for (const name of ['python3_raw_wsgi', 'python3_aiohttp', 'python3_noweb', 'node_noweb']) {
    assert.ok(!named(name).questions.some((question) => question.name === 'type'))
  }
})

test('a Django plugin may have a name that Python could not import: its project gets one that it can', () => {
  for (const [plugin, project] of [
    ['my-shop', 'my_shop'],
    ['2nd', 'project_2nd'],
    ['_x', 'project__x'],
    ['mfserv-shop', 'project_mfserv_shop'],
    ['shop-mfserv-', 'shop_mfserv_'],
    ['django', 'project_django'],
    ['test', 'project_test'],
    ['class', 'project_class'],
    ['local', 'project_local'],
  ] as const) {
    const files = render(named('django'), plugin, defaults(named('django')), SOURCES)
    const config = files.find(({ path }) => path === 'config.ini')?.text ?? ''
    assert.match(config, new RegExp(`^\\[app_${project}\\]$`, 'm'))
    assert.match(config, new RegExp(`^main_arg=${project}\\.wsgi:application$`, 'm'))
    assert.match(files.find(({ path }) => path === 'postinstall')?.text ?? '', new RegExp(`startproject ${project} `))
  }
})

test('everybody may read the files of a new plugin, and only what is a program may be run', () => {
  for (const [name, template] of Object.entries(TEMPLATES)) {
    const files = render(template, 'shop', defaults(template), SOURCES)
    const programs = { django: ['postinstall'], command: ['bin/serve'] }[name] ?? []
    assert.deepEqual(
      files.map(({ path, mode }) => [path, mode.toString(8)]),
      files.map(({ path }) => [path, programs.includes(path) ? '755' : '644']),
    )
  }
})

test('the general questions offer what templates write, and an answer of each kind reaches config.ini', () => {
  const { answers, open } = ask(named('default').questions)
  assert.deepEqual(withFallbacks({ answers, open: open.slice(0, 7) }), {
    version: '0.0.1',
    one_line_summary: 'one line summary',
    crontab_support: 'no',
    license: 'Proprietary',
    url: 'http://yourpluginhomepage',
    maintainer: 'Firstname FAMILYNAME <email>',
    vendor: 'MetWork',
  })
})

test('a plugin that would be made of nothing is not made: without an answer, without a file, with a type that is not offered', () => {
  const made = (name: string, answers: Answers, sources: ReadonlyMap<string, string> = SOURCES) =>
    render(named(name), 'shop', { ...defaults(named(name)), ...answers }, sources)
  const { workers, ...others } = defaults(named('node'))
  assert.equal(workers, '{{MFCOM_HARDWARE_NUMBER_OF_CPU_CORES}}')
  assert.throws(() => render(named('node'), 'shop', others, SOURCES), /there is no answer to workers/)
  assert.throws(() => made('default', { type: 'python3_asgi' }), /type is "python3_asgi", which is none of the choices/)
  assert.throws(() => made('default', { type: 'toString' }), /type is "toString", which is none of the choices/)
  assert.throws(() => made('empty', { type: 'php' }), /type is "php", which is none of the choices/)
  const without = new Map([...SOURCES].filter(([path]) => path !== 'static/index.html'))
  assert.throws(() => made('static', {}, without), /templates\/static\/index\.html is missing from this mfserv/)
  const strange = new Map([...SOURCES, ['static/index.html', '@@colour@@']])
  assert.throws(() => made('static', {}, strange), /a template uses @@colour@@, which nothing fills/)
})

test('crontab_support=yes adds a crontab', () => {
  const files = render(named('default'), 'shop', { ...defaults(named('default')), crontab_support: 'yes' }, SOURCES)
  assert.equal(files.filter(({ path }) => path === 'crontab').length, 1)
  assert.equal(read(files).name, 'shop')
})

test('a template that does not exist is refused with the nearest name and the list', () => {
  const found = findTemplate('statik')
  assert.ok(found instanceof Problem)
  assert.equal(
    found.fix,
    'Did you mean "static"? The templates are: default, empty, node, django, static, flask, python3_raw_asgi, python3_tornado, php, command, mediation, openresty.',
  )
})

test('a node plugin cannot have the name of a directory that is built', () => {
  assert.equal(checkName('local', named('node'))?.code, 'PLUGIN_NAME')
  assert.equal(checkName('local', named('static')), undefined)
  assert.equal(checkName('a b', named('static'))?.code, 'PLUGIN_NAME')
})

function named(name: string): Template {
  const template = findTemplate(name)
  if (template instanceof Problem) throw template
  return template
}

function defaults(template: Template): Answers {
  return withFallbacks(ask(template.questions))
}

/** `madeLater`: files that are not rendered, but will be there. */
function read(files: readonly RenderedFile[], madeLater: readonly string[] = []): Plugin {
  const texts = new Map(files.map(({ path, text }) => [path, text]))
  const source = (file: string) => ({ file, text: texts.get(file) ?? '' })
  const home = '/plugins/shop'
  const present = (path: string) =>
    madeLater.includes(path) || texts.has(path) || files.some((file) => file.path.startsWith(`${path}/`))
  const variables = { MFCOM_HARDWARE_NUMBER_OF_CPU_CORES: '4', MFCOM_HARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2: '8' }
  const parsed = parsePlugin(
    {
      label: source('.layerapi2_label'),
      configIni: source('config.ini'),
      dependencies: source('.layerapi2_dependencies'),
      extraEnv: undefined,
      crontab: texts.has('crontab') ? source('crontab') : undefined,
    },
    { home, present, text: (path) => texts.get(path) },
    variables,
  )
  assert.deepEqual(parsed.problems, [])
  assert.ok(parsed.plugin !== undefined)
  return parsed.plugin
}
