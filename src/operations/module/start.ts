import { setTimeout as delay } from 'node:timers/promises'
import type { Settings } from '../../config/settings.ts'
import { askControl } from '../../control/client.ts'
import { type Succession, startDaemon, untilProcessEnded, untilReport } from '../../control/daemon-process.ts'
import type { StatusReport } from '../../control/protocol.ts'
import { builtVirtualenv } from '../../host/environments/virtualenv.ts'
import { recordMfservHome } from '../../host/home/mfserv-home.ts'
import type { Paths } from '../../host/home/paths.ts'
import { refuseNewerState } from '../../host/home/state-version.ts'
import { readGoodConfig, untilConfigured } from '../../host/module/good-config.ts'
import { readHardware } from '../../host/module/hardware.ts'
import { runningCode } from '../../host/module/running-code.ts'
import { findNginx } from '../../host/nginx/nginx-front.ts'
import { processId, signal } from '../../host/process/proc.ts'
import { ensurePython } from '../../host/programs/python-framework.ts'
import { ensureOthers } from '../../host/programs/pythons.ts'
import { locate, pluginNames } from '../../host/releases/plugins-directory.ts'
import { formatProblem, isError, Problems } from '../../problem.ts'

export type ModuleStarted =
  /** `[startup] flag = 0`. */
  | { readonly is: 'switched off' }
  /** The daemon came up, and ended before everything was decided. */
  | { readonly is: 'ended' }
  | { readonly is: 'started'; readonly report: StatusReport }

export interface StartPlace {
  readonly paths: Paths
  readonly env: NodeJS.ProcessEnv
  /** What takes long, and warnings. */
  readonly say: (text: string) => void
  /** Called when the daemon runs, before its state is waited for: what the administrator has put into the site directory. */
  readonly provision: () => Promise<void>
}

/**
 * Starts mfserv, or hands over to this code from a daemon of other code, and waits until every plugin is decided. Throws the
 * problems of the configuration when none was ever good, NGINX_MISSING, and DAEMON_DOWN.
 */
export async function startModule(place: StartPlace): Promise<ModuleStarted> {
  return await bringUp(place, 'for other code')
}

/** The same, but a daemon that runs is replaced in any case. Throws DAEMON_DOWN when the new one failed: the old one goes on. */
export async function restartModule(place: StartPlace): Promise<ModuleStarted> {
  return await bringUp(place, 'always')
}

async function bringUp({ paths, env, say, provision }: StartPlace, replace: 'for other code' | 'always'): Promise<ModuleStarted> {
  refuseNewerState(paths)
  const running = await askControl(paths.control, 'POST /look')
  const code = runningCode()
  if (running?.daemon.code !== code || replace === 'always') {
    const settings = await readSettings(paths, env, say)
    if (!settings.startup.flag) return { is: 'switched off' }
    const succession = await successionTo(running, code, replace === 'always')
    await startNew(paths, settings, { say, ...(succession === undefined ? {} : { succession }) })
    await delay(settings.nginx.smart_start_delay * 1000)
  }
  await provision()
  const report = await untilReport(paths, (now) => now.status !== 'STARTING')
  return report === undefined ? { is: 'ended' } : { is: 'started', report }
}

/** How a new daemon gets the place of one that runs. One that cannot hand over is ended; what it served goes on meanwhile. */
async function successionTo(running: StatusReport | undefined, code: string, evenSame: boolean): Promise<Succession | undefined> {
  const { pid, code: old } = running?.daemon ?? { pid: null }
  if (pid === null) return undefined
  if (old !== undefined) return { code, before: pid, evenSame }
  await endDaemon(pid)
  return undefined
}

/** Its lock is free, and its socket, when this answers. */
async function endDaemon(pid: number): Promise<void> {
  const daemon = processId(pid)
  if (daemon === undefined) return
  signal(daemon, 'SIGKILL')
  await untilProcessEnded(daemon)
}

/** Throws every problem of the configuration at once when none was ever good; tells those of the present one. */
async function readSettings(paths: Paths, env: NodeJS.ProcessEnv, say: StartPlace['say']): Promise<Settings> {
  await untilConfigured(paths, env)
  const { config, problems, isKept } = readGoodConfig(paths, readHardware(), env)
  if (problems.some(isError) && !isKept) throw new Problems(problems)
  for (const problem of problems.filter((one) => !isError(one))) say(formatProblem(problem))
  return config.settings
}

interface NewDaemon extends Pick<StartPlace, 'say'> {
  /** A daemon runs, and hands over to the new one. */
  readonly succession?: Succession
}

async function startNew(paths: Paths, { nginx }: Settings, { say, ...start }: NewDaemon): Promise<void> {
  if (nginx.flag) findNginx(paths)
  const unrecorded = recordMfservHome(paths)
  if (unrecorded !== undefined) say(formatProblem(unrecorded))
  await ensurePython(paths, say)
  await ensureOthers(tagsOfPlugins(paths), paths, process.env, say)
  await startDaemon(paths, start)
}

function tagsOfPlugins({ plugins }: Paths): ReadonlySet<string> {
  const homes = pluginNames(plugins).flatMap((name) => locate(plugins, name).home ?? [])
  return new Set(homes.flatMap((home) => builtVirtualenv(home)?.python ?? []))
}
