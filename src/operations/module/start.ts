import { setTimeout as delay } from 'node:timers/promises'
import type { Settings } from '../../config/settings.ts'
import { askControl } from '../../control/client.ts'
import { startDaemon, untilProcessEnded, untilReport } from '../../control/daemon-process.ts'
import type { StatusReport } from '../../control/protocol.ts'
import { builtVirtualenv } from '../../host/environments/virtualenv.ts'
import { recordMfservHome } from '../../host/home/mfserv-home.ts'
import type { Paths } from '../../host/home/paths.ts'
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
export async function startModule({ paths, env, say, provision }: StartPlace): Promise<ModuleStarted> {
  const running = await askControl(paths.control, 'POST /look')
  const code = runningCode()
  if (running?.daemon.code !== code) {
    const settings = await readSettings(paths, env, say)
    if (!settings.startup.flag) return { is: 'switched off' }
    // One that cannot hand over is ended. What it served goes on meanwhile.
    const isAble = running?.daemon.code !== undefined
    if (running?.daemon.pid != null && !isAble) await endDaemon(running.daemon.pid)
    await startNew(paths, settings, { say, ...(isAble ? { successorWith: code } : {}) })
    await delay(settings.nginx.smart_start_delay * 1000)
  }
  await provision()
  const report = await untilReport(paths, (now) => now.status !== 'STARTING')
  return report === undefined ? { is: 'ended' } : { is: 'started', report }
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
  /** A daemon of other code runs, and hands over to the new one of this code. */
  readonly successorWith?: string
}

async function startNew(paths: Paths, { nginx }: Settings, { say, ...successor }: NewDaemon): Promise<void> {
  if (nginx.flag) findNginx(paths)
  const unrecorded = recordMfservHome(paths)
  if (unrecorded !== undefined) say(formatProblem(unrecorded))
  await ensurePython(paths, say)
  await ensureOthers(tagsOfPlugins(paths), paths, process.env, say)
  await startDaemon(paths, successor)
}

function tagsOfPlugins({ plugins }: Paths): ReadonlySet<string> {
  const homes = pluginNames(plugins).flatMap((name) => locate(plugins, name).home ?? [])
  return new Set(homes.flatMap((home) => builtVirtualenv(home)?.python ?? []))
}
