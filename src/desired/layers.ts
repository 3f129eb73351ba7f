import type { Plugin } from '../plugin/plugin.ts'
import { Problem } from '../problem.ts'
import type { Layer } from './environment.ts'
import type { InstalledPlugin, LayeredPlugin } from './installed.ts'

/** Gives an installed plugin by its name. */
export type Find<T extends Layer> = (name: string) => T | undefined

export interface FoundLayers<T extends Layer> {
  /** The plugins that lend their environment, the nearest first; each one once. */
  readonly layers: readonly T[]
  /** Why the plugin cannot be started; empty when it can. */
  readonly problems: readonly Problem[]
}

/**
 * The plugins that `plugin` depends on, by the lines `plugin_<name>@mfserv` of its `.layerapi2_dependencies`, and those that
 * they depend on. What is optional and cannot be had is left out.
 */
export function layersOf<T extends Layer>(plugin: Plugin, find: Find<T>): FoundLayers<T> {
  return layersBelow(plugin, newWalk(find), [plugin.name])
}

/**
 * Gives every plugin its layers. One whose layers cannot be had is named in `problems`; it goes on as it was in `before`,
 * and is left out when it was not there.
 */
export function withLayers(plugins: readonly InstalledPlugin[], before: readonly LayeredPlugin[]) {
  const byName = new Map(plugins.map((one) => [one.plugin.name, one]))
  const walk = newWalk((name) => byName.get(name))
  const problems = new Map<string, readonly Problem[]>()
  const layered = plugins.flatMap((one): readonly LayeredPlugin[] => {
    walk.steps = 0
    const found = layersBelow(one.plugin, walk, [one.plugin.name])
    if (found.problems.length === 0) return [{ ...one, layers: found.layers }]
    problems.set(one.plugin.name, found.problems)
    return before.filter(({ plugin }) => plugin.name === one.plugin.name)
  })
  return { layered, problems }
}

/** For one plugin. There are as many ways through plugins that depend on each other in circles as somebody likes to make. */
const MOST_STEPS = 1000

interface Walk<T extends Layer> {
  readonly find: Find<T>
  /** What is known of a name. Only where no circle was met: what is left out of one depends on where it was entered. */
  readonly known: Map<string, readonly T[] | Problem>
  circles: number
  steps: number
}

function newWalk<T extends Layer>(find: Find<T>): Walk<T> {
  return { find, known: new Map(), circles: 0, steps: 0 }
}

/** `chain`: the names from the plugin that was asked for down to `plugin`. */
function layersBelow<T extends Layer>(plugin: Plugin, walk: Walk<T>, chain: readonly string[]): FoundLayers<T> {
  const needed = plugin.dependencies.flatMap((dependency) => {
    const [, name] = /^plugin_(.+)@mfserv$/.exec(dependency.label) ?? []
    return name === undefined ? [] : [{ ...dependency, name }]
  })
  const found = needed.map(({ name, optional, where }): FoundLayers<T> => {
    const one = layerNamed(name, walk, chain)
    if (!(one instanceof Problem)) return { layers: one, problems: [] }
    if (optional) return { layers: [], problems: [] }
    return { layers: [], problems: [new Problem(one.code, one.message, one.fix, where)] }
  })
  return { layers: onceEach(found.flatMap((one) => one.layers)), problems: found.flatMap((one) => one.problems) }
}

/** Each where it stands first. */
function onceEach<T extends Layer>(layers: readonly T[]): readonly T[] {
  return [...new Map(layers.map((layer) => [layer.plugin.name, layer])).values()]
}

/** The plugin of that name and its own layers, or why they cannot be had. */
function layerNamed<T extends Layer>(name: string, walk: Walk<T>, chain: readonly string[]): readonly T[] | Problem {
  const known = walk.known.get(name)
  if (known !== undefined) return known
  const before = walk.circles
  const found = layerAnew(name, walk, chain)
  if (walk.circles === before) walk.known.set(name, found)
  return found
}

function layerAnew<T extends Layer>(name: string, walk: Walk<T>, chain: readonly string[]): readonly T[] | Problem {
  walk.steps += 1
  const isCircle = chain.includes(name)
  if (isCircle || walk.steps > MOST_STEPS) {
    walk.circles += 1
    const circle = isCircle ? [...chain.slice(chain.indexOf(name)), name].join(' → ') : 'in too many circles to follow'
    const fix = 'Take one of these lines out of the .layerapi2_dependencies, or put a - in front of it.'
    return new Problem('LAYER_CYCLE', `plugins depend on each other: ${circle}`, fix)
  }
  const layer = walk.find(name)
  if (layer === undefined) {
    const fix = `Install the plugin ${name}, or fix it. Where it can be done without, write -plugin_${name}@mfserv.`
    return new Problem('LAYER_MISSING', `no plugin named "${name}" can be used, and the plugin depends on it`, fix)
  }
  const below = layersBelow(layer.plugin, walk, [...chain, name])
  const [first] = below.problems
  if (first === undefined) return [layer, ...below.layers]
  const message = first.code === 'LAYER_CYCLE' ? first.message : `the plugin depends on ${name}, where ${first.message}`
  return new Problem(first.code, message, first.fix)
}
