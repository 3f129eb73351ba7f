import { setTimeout as delay } from 'node:timers/promises'
import type { Settings } from '../../config/settings.ts'
import { askControl } from '../../control/client.ts'
import { type DaemonStart, startDaemon, untilProcessEnded, untilReport } from '../../control/daemon-process.ts'
import type { StatusReport } from '../../control/protocol.ts'
import { finishRestore } from '../../host/backup/swap-home.ts'
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
import { type Service, serviceOf, startService } from '../service/through-unit.ts'

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

async function bringUp(place: StartPlace, replace: Replace): Promise<ModuleStarted> {
  const { paths, provision } = place
  if ((await beginDaemon(place, replace)).is === 'switched off') return { is: 'switched off' }
  await provision()
  const report = await untilReport(paths, (now) => now.status !== 'STARTING')
  return report === undefined ? { is: 'ended' } : { is: 'started', report }
}

type Replace = 'for other code' | 'always'
type Begun = { readonly is: 'switched off' | 'supervises' }

/** Of `restartModule` the first half: answers when the new daemon supervises, whatever becomes of the plugins. */
export async function replaceModule(place: Omit<StartPlace, 'provision'>): Promise<Begun> {
  return await beginDaemon(place, 'always')
}

async function beginDaemon({ paths, env, say }: Omit<StartPlace, 'provision'>, replace: Replace): Promise<Begun> {
  refuseNewerState(paths)
  finishRestore(paths)
  const running = await askControl(paths.control, 'POST /look')
  const code = runningCode()
  const service = running?.daemon.service === undefined ? serviceToStart(paths, running) : undefined
  if (running?.daemon.code !== code || replace === 'always' || service !== undefined) {
    const settings = await readSettings(paths, env, say)
    if (!settings.startup.flag) return { is: 'switched off' }
    await prepare(paths, settings, say)
    if (service === undefined) await startDaemon(paths, await successionTo(running, code, replace === 'always'))
    else await startService(service)
    await delay(settings.nginx.smart_start_delay * 1000)
  }
  return { is: 'supervises' }
}

/** The service that is to run what is not run by it yet. A person who may not start it keeps the daemon that he has started. */
function serviceToStart(paths: Paths, running: StatusReport | undefined): Service | undefined {
  const service = serviceOf(paths)
  return service?.isOurs === true || running === undefined ? service : undefined
}

/** How a new daemon gets the place of one that runs. One that cannot hand over is ended; what it served goes on meanwhile. */
async function successionTo(running: StatusReport | undefined, code: string, evenSame: boolean): Promise<DaemonStart> {
  const { pid, code: old } = running?.daemon ?? { pid: null }
  if (pid === null) return {}
  const isService = running?.daemon.service !== undefined
  if (old !== undefined) return { succession: { code, before: pid, evenSame, isService } }
  await endDaemon(pid)
  return {}
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

/** What a daemon needs, so that it comes up at once. */
async function prepare(paths: Paths, { nginx }: Settings, say: StartPlace['say']): Promise<void> {
  if (nginx.flag) findNginx(paths)
  const unrecorded = recordMfservHome(paths)
  if (unrecorded !== undefined) say(formatProblem(unrecorded))
  await ensurePython(paths, say)
  await ensureOthers(tagsOfPlugins(paths), paths, process.env, say)
}

function tagsOfPlugins({ plugins }: Paths): ReadonlySet<string> {
  const homes = pluginNames(plugins).flatMap((name) => locate(plugins, name).home ?? [])
  return new Set(homes.flatMap((home) => builtVirtualenv(home)?.python ?? []))
}
