import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plugin } from '../../test/support/desired-fixture.ts'
import { readDependencies } from '../plugin/layer-files.ts'
import type { Layer } from './environment.ts'
import type { InstalledPlugin } from './installed.ts'
import { layersOf, withLayers } from './layers.ts'

const PLUGIN = plugin('any', '')

/** `needs`: for each plugin, the lines of its `.layerapi2_dependencies`. */
function layers(name: string, needs: Readonly<Record<string, readonly string[]>>) {
  const all = new Map(Object.entries(needs).map(([one, lines]) => [one, layer(one, lines)]))
  const asked = all.get(name)
  assert.ok(asked)
  const { layers: found, problems } = layersOf(asked.plugin, (wanted) => all.get(wanted))
  return { names: found.map(({ plugin }) => plugin.name), problems }
}

function layer(name: string, lines: readonly string[]): Layer {
  const home = `/plugins/${name}`
  const dependencies = readDependencies({ file: `${home}/.layerapi2_dependencies`, text: lines.join('\n') })
  return { plugin: { ...PLUGIN, name, home, dependencies }, directories: new Set() }
}

test('a plugin gets what it depends on, and what that depends on, the nearest first and each once', () => {
  const needs = {
    shop: ['python3@mfserv', 'plugin_tax@mfserv', 'plugin_mail@mfserv'],
    tax: ['plugin_rates@mfserv'],
    mail: ['-plugin_rates@mfserv', 'plugin_smtp@mfdata'],
    rates: [],
  }
  assert.deepEqual(layers('shop', needs), { names: ['tax', 'rates', 'mail'], problems: [] })
})

test('every mandatory plugin that is not there is named with its line and its fix', () => {
  const { problems } = layers('shop', { shop: ['# ours', 'plugin_tax@mfserv', '-plugin_log@mfserv', 'plugin_mail@mfserv'] })
  assert.deepEqual(
    problems.map(({ code, where }) => [code, where]),
    [
      ['LAYER_MISSING', { file: '/plugins/shop/.layerapi2_dependencies', line: 2 }],
      ['LAYER_MISSING', { file: '/plugins/shop/.layerapi2_dependencies', line: 4 }],
    ],
  )
  assert.match(problems[0]?.fix ?? '', /Install the plugin tax.*-plugin_tax@mfserv/)
})

test('a plugin that cannot be started itself lends nothing, and the message says where it is broken', () => {
  const { problems, names } = layers('shop', { shop: ['plugin_tax@mfserv'], tax: ['plugin_rates@mfserv'] })
  assert.deepEqual(names, [])
  assert.match(problems[0]?.message ?? '', /depends on tax, where no plugin named "rates"/)
})

test('an optional plugin that is not there, or broken, is left out', () => {
  const needs = {
    shop: ['-plugin_none@mfserv', '-plugin_tax@mfserv', 'plugin_mail@mfserv'],
    tax: ['plugin_none@mfserv'],
    mail: [],
  }
  assert.deepEqual(layers('shop', needs), { names: ['mail'], problems: [] })
})

test('plugins that depend on each other are a problem that shows the circle; an optional line breaks it', () => {
  const circle = { a: ['plugin_b@mfserv'], b: ['plugin_c@mfserv'], c: ['plugin_b@mfserv'] }
  const [problem] = layers('a', circle).problems
  assert.equal(problem?.code, 'LAYER_CYCLE')
  assert.equal(problem?.message, 'plugins depend on each other: b → c → b')
  assert.equal(layers('a', { a: ['plugin_a@mfserv'] }).problems[0]?.code, 'LAYER_CYCLE')
  assert.deepEqual(layers('a', { ...circle, c: ['-plugin_b@mfserv'] }), { names: ['b', 'c'], problems: [] })
})

test('as many ways as somebody likes lead to the same plugin: each plugin is followed once', () => {
  const rows = Array.from({ length: 200 }, (_, row): [string, readonly string[]][] =>
    ['a', 'b'].map((side) => [`${side}${row}`, [`plugin_a${row + 1}@mfserv`, `plugin_b${row + 1}@mfserv`]]),
  )
  const needs = Object.fromEntries([...rows.flat(), ['a200', []], ['b200', []]])
  const { names, problems } = layers('a0', needs)
  assert.deepEqual(problems, [])
  assert.equal(names.length, 400)
  assert.deepEqual(names.slice(0, 2), ['a1', 'a2'])
})

test('plugins that all depend on each other are refused at once, those that may be left out too', () => {
  const all = Array.from({ length: 40 }, (_, at) => `p${at}`)
  const mandatory = Object.fromEntries(all.map((name) => [name, all.map((other) => `plugin_${other}@mfserv`)]))
  assert.deepEqual(
    layers('p0', mandatory).problems.map(({ code }) => code),
    all.map(() => 'LAYER_CYCLE'),
  )
  const optional = Object.fromEntries(all.map((name) => [name, all.map((other) => `-plugin_${other}@mfserv`)]))
  assert.deepEqual(layers('p0', optional).problems, [])
})

test('a plugin may lead to 1000 others; with one more it is refused', () => {
  const needs = (count: number) => {
    const all = Array.from({ length: count }, (_, at) => `p${at}`)
    return { shop: all.map((name) => `plugin_${name}@mfserv`), ...Object.fromEntries(all.map((name) => [name, []])) }
  }
  assert.deepEqual(layers('shop', needs(1000)).problems, [])
  assert.deepEqual(
    layers('shop', needs(1001)).problems.map(({ message }) => message),
    ['plugins depend on each other: in too many circles to follow'],
  )
  const layered = (count: number) => withLayers(Object.entries(needs(count)).map(needing), []).layered.length
  assert.deepEqual([layered(1000), layered(1001)], [1001, 1001])
})

test('what a plugin in a circle lends does not depend on who was asked before', () => {
  const plugins = { blog: ['-plugin_tax@mfserv'], tax: ['-plugin_blog@mfserv'], shop: ['plugin_tax@mfserv'] }
  const { layered } = withLayers(Object.entries(plugins).map(needing), [])
  assert.deepEqual(
    layered.map((one) => one.layers?.map(({ plugin }) => plugin.name)),
    [['tax'], ['blog'], ['tax', 'blog']],
  )
})

function needing([name, lines]: readonly [name: string, lines: readonly string[]]): InstalledPlugin {
  return { ...layer(name, lines), fingerprint: '', python3Path: undefined }
}
