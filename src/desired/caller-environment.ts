import type { Environment } from './environment.ts'

/** Variables of a caller that would mix its own plugin or libraries into the environment of another one. */
const REPLACED =
  /^(?:MFSERV_CURRENT_\w+|MFSERV_PLUGIN_\w+|MFSERV_KEPT_\w+|PYTHONPATH|PYTHONHOME|NODE_PATH|LD_LIBRARY_PATH|PKG_CONFIG_PATH|VIRTUAL_ENV|PIP_PREFIX)$/
/** What the launcher sets for the Node of mfserv itself. */
const OF_THE_LAUNCHER = 'NODE_COMPILE_CACHE'

/** The environment of a plugin over the one of its caller. What only the caller has stays; its PATH is searched last. */
export function overCaller(environment: Environment, caller: NodeJS.ProcessEnv): Environment {
  const kept = Object.entries(caller).filter(([name]) => name !== OF_THE_LAUNCHER && !REPLACED.test(name))
  const own = environment['PATH']?.split(':') ?? []
  const others = (caller['PATH'] ?? '').split(':').filter((directory) => directory !== '' && !own.includes(directory))
  const all = { ...Object.fromEntries(kept), ...environment, PATH: [...own, ...others].join(':') }
  return definedIn(all)
}

/** The variables of `names` that the caller has. */
export function chosenFrom(caller: NodeJS.ProcessEnv, names: readonly string[]): Environment {
  return definedIn(Object.fromEntries(names.map((name) => [name, caller[name]])))
}

function definedIn(variables: NodeJS.ProcessEnv): Environment {
  return Object.fromEntries(Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
