import { overCaller } from '../../desired/caller-environment.ts'
import type { Environment } from '../../desired/environment.ts'
import { MFSERV_HOME, pathsOf, runtimeHome } from '../../host/home/paths.ts'
import { readModule } from '../../host/module/module-environment.ts'
import { become } from '../../host/process/become.ts'
import { findPluginPlace } from '../../host/recall/find-plugin-place.ts'
import { Problem } from '../../problem.ts'

interface LayerOptions {
  readonly layers?: string
  readonly cwd?: true
  readonly emptyEnv?: true
  readonly emptyEnvKeeps?: string
}

/**
 * The environments of the plugins among the layers, the last in front; a layer of another kind is part of the environment of
 * mfserv already, or means nothing, as in `.layerapi2_dependencies`. Does not come back.
 */
export async function run([argv]: readonly [readonly string[]], options: LayerOptions): Promise<undefined> {
  const paths = pathsOf(runtimeHome())
  let environment = callers(options)
  let cwd = process.cwd()
  for (const label of (options.layers ?? '').split(',').map((one) => one.trim())) {
    const [, optional, name] = /^(-?)plugin_(.+)@mfserv$/.exec(label) ?? []
    if (name === undefined) continue
    try {
      const place = await findPluginPlace({ wanted: name, base: undefined }, paths, process.env)
      environment = inFront(place.environment, environment)
      if (options.cwd === true) cwd = place.home
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'PLUGIN_NOT_FOUND' || optional !== '-') throw error
    }
  }
  become({ name: 'layer_wrapper', argv, environment, cwd })
}

function callers({ emptyEnv, emptyEnvKeeps = '' }: LayerOptions): Environment {
  const kept = emptyEnvKeeps.split(',')
  const all = Object.entries(process.env).filter(
    ([name]) => name !== 'NODE_COMPILE_CACHE' && (emptyEnv !== true || kept.includes(name)),
  )
  const own = Object.fromEntries(all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])))
  // A job that mfserv runs has it already, with that of its plugin on top.
  if (own['MFMODULE_HOME'] === MFSERV_HOME) return own
  return overCaller(readModule(pathsOf(runtimeHome()), process.env).environment, own)
}

const JOINED = ['PYTHONPATH', 'NODE_PATH', 'LD_LIBRARY_PATH', 'PKG_CONFIG_PATH'] as const

function inFront(front: Environment, below: Environment): Environment {
  const joined = JOINED.flatMap((name) => {
    const parts = [front[name], below[name]].flatMap((one) => one?.split(':') ?? []).filter((one) => one !== '')
    return parts.length === 0 ? [] : [[name, [...new Set(parts)].join(':')] as const]
  })
  return { ...overCaller(front, below), ...Object.fromEntries(joined) }
}
