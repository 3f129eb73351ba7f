import { userInfo } from 'node:os'
import { type HardwareFacts, hardwareVariables } from '../../config/hardware.ts'
import type { Machine, ModuleFacts } from '../../desired/environment.ts'
import { MFSERV_HOME, type Paths } from '../home/paths.ts'
import { version } from '../home/version.ts'
import { pythonLibraries } from '../programs/python-framework.ts'
import { python2Library } from '../programs/python2-framework.ts'
import { sandboxFacts } from '../sandbox/probe.ts'
import { debugSecrets } from './debug-pin.ts'
import { readHardware } from './hardware.ts'
import { workerCode } from './running-code.ts'

/** What every process of the module keeps of the environment mfserv was started in. Nothing else of it reaches a worker. */
export const INHERITED = ['HOME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'USER', 'LOGNAME', 'HOSTNAME', 'MFCONFIG'] as const

export interface Python {
  readonly python3: string
  /** Directory of the framework's own packages. */
  readonly library: string
}

export function readMachine(paths: Paths, python: Python, env: NodeJS.ProcessEnv = process.env, workers = workerCode()): Machine {
  return {
    ...readModuleFacts(paths, readHardware(), env),
    python3Path: python.python3,
    pythonLibrary: python.library,
    sandbox: sandboxFacts(),
    workerCode: workers,
    ...debugSecrets(paths),
  }
}

/** Cheap: it looks for no Python. */
export function readModuleFacts(paths: Paths, hardware: HardwareFacts, env: NodeJS.ProcessEnv = process.env): ModuleFacts {
  const user = userInfo()
  return {
    mfservHome: MFSERV_HOME,
    version: version(),
    runtimeHome: paths.runtimeHome,
    run: paths.run,
    log: paths.log,
    tmp: paths.tmp,
    user: user.username,
    inherited: {
      HOME: user.homedir,
      USER: user.username,
      LOGNAME: user.username,
      LANG: 'C.UTF-8',
      ...Object.fromEntries(INHERITED.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))),
    },
    hardware: hardwareVariables(hardware),
    nodePath: process.execPath,
    pythonLibraries: pythonLibraries(paths),
    python2Library: python2Library(paths),
    hostname: hardware.hostname,
    hostnameFull: hardware.hostnameFull,
  }
}
