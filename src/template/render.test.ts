import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readTemplateSources } from '../host/bootstrap.ts'
import { parsePlugin } from '../plugin/parse.ts'
import type { Plugin } from '../plugin/plugin.ts'
import { Problem } from '../problem.ts'
import { ask, withFallbacks } from './questions.ts'
import { type RenderedFile, render } from './render.ts'
import type { Answers, Template } from './template.ts'
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
}

test('the templates are listed in the order of the documentation', () => {
  assert.deepEqual(Object.keys(TEMPLATES), ['default', 'node', 'static'])
})

for (const [name, template] of Object.entries(TEMPLATES)) {
  test(`${name} asks its questions in the documented order`, () => {
    const crontab = name === 'static' ? [] : ['crontab_support']
    const own = { default: ['type', 'workers'], node: ['workers'], static: [] }[name] ?? []
    const expected = ['version', 'one_line_summary', ...crontab, 'license', 'url', 'maintainer', 'vendor', ...own]
    assert.deepEqual(
      template.questions.map((question) => question.name),
      expected,
    )
  })

  test(`${name} makes exactly the documented files, and no placeholder stays in them`, () => {
    const files = render(template, 'shop', defaults(template), SOURCES)
    assert.deepEqual(
      files.map(({ path }) => path),
      [...EVERY, ...(OWN[name] ?? [])].sort(),
    )
    for (const { path, text } of files) assert.doesNotMatch(text, /@@/, path)
  })

  test(`${name} makes a plugin without any problem`, () => {
    const plugin = read(render(template, 'shop', defaults(template), SOURCES))
    assert.equal(plugin.name, 'shop')
    assert.equal(plugin.dialect, 'documented')
    assert.deepEqual([plugin.version, plugin.license, plugin.vendor], ['0.0.1', 'Proprietary', 'MetWork'])
  })

  test(`${name} takes over any answer, whatever characters it has`, () => {
    const odd = { ...defaults(template), one_line_summary: 'a = "b" # c; @@name@@ $& <d> %s', maintainer: 'Zoé <z@example.org>' }
    const plugin = read(render(template, 'shop', odd, SOURCES))
    assert.deepEqual([plugin.summary, plugin.maintainer], [odd.one_line_summary, odd.maintainer])
  })
}

test('the apps of a new plugin are the documented ones', () => {
  const app = (name: string) => read(render(named(name), 'shop', defaults(named(name)), SOURCES)).apps
  const facts = (name: string) =>
    app(name).map(({ name, type, entry, workers, maxAge }) => ({ name, type, entry, workers, maxAge }))
  assert.deepEqual(facts('default'), [
    { name: 'main', type: 'python3_sync', entry: 'main.wsgi:application', workers: 8, maxAge: 3600 },
  ])
  assert.deepEqual(facts('node'), [{ name: 'shop', type: 'node', entry: 'server.js', workers: 4, maxAge: 3600 }])
  assert.deepEqual(
    app('static').map(({ name, type }) => ({ name, type })),
    [{ name: 'main', type: 'static' }],
  )
})

test('crontab_support=yes adds a crontab', () => {
  const files = render(named('default'), 'shop', { ...defaults(named('default')), crontab_support: 'yes' }, SOURCES)
  assert.equal(files.filter(({ path }) => path === 'crontab').length, 1)
  assert.equal(read(files).name, 'shop')
})

test('a template that does not exist is refused with the nearest name and the list', () => {
  const found = findTemplate('statik')
  assert.ok(found instanceof Problem)
  assert.equal(found.mend, 'Did you mean "static"? The templates are: default, node, static.')
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

function read(files: readonly RenderedFile[]): Plugin {
  const texts = new Map(files.map(({ path, text }) => [path, text]))
  const source = (file: string) => ({ file, text: texts.get(file) ?? '' })
  const home = '/plugins/shop'
  const present = (path: string) => texts.has(path) || files.some((file) => file.path.startsWith(`${path}/`))
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
