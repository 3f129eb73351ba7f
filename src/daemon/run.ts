import type { Config } from '../config/config.ts'
import { serverSettings } from '../desired/server-settings.ts'
import type { Lock } from '../host/disk/lock.ts'
import { ownUuid, prepareDirectories } from '../host/home/directories.ts'
import { recordState, refuseNewerState } from '../host/home/state-version.ts'
import { log } from '../host/logs/logger.ts'
import { generateConfig } from '../host/module/commented-config.ts'
import { nginxPaths } from '../host/module/desire-settings.ts'
import { formatProblem, type Problem } from '../problem.ts'
import { Daemon, type DaemonInput, type LetGo, type Tell } from './daemon.ts'
import { Disk } from './disk.ts'
import { giveWay, serveHeld, type TakesOver, takePlace, untilEmpty, untilSuperseded } from './hand-over.ts'
import { Configuration } from './wanted/configuration.ts'

/**
 * Supervises a runtime home until it is told to stop, or until another daemon does it. Throws Problems when it cannot start;
 * nothing has been touched then. However it ends, its socket and its lock are free for the next one, and what serves goes on
 * unless it was told to stop. A daemon that is there already is asked for its place, if this one may take it.
 */
export async function runDaemon(input: DaemonInput, from: TakesOver = 'nobody'): Promise<void> {
  const { paths, code, machine } = input
  refuseNewerState(paths, machine.version)
  // A full disk must not end the daemon because its own log cannot be written.
  process.stdout.on('error', () => undefined)
  new Disk(paths, () => undefined).makeRoom()
  const configuration = await Configuration.begin(paths, (config) => provedBy(input, config))
  prepareDirectories(paths)
  generateConfig(paths)
  const lock = await takePlace(paths, code, from)
  // A full disk keeps no daemon from its work; the next start writes it.
  const unrecorded = recordState(paths, machine.version)
  if (unrecorded !== undefined) log('WARNING', formatProblem(unrecorded))
  await supervise(new Daemon(input, configuration), lock, input)
}

async function supervise(daemon: Daemon, lock: Lock, input: DaemonInput, tell?: Tell): Promise<void> {
  const ended = await endOf(daemon, lock, tell)
  if (ended === 'stopped') return
  const held = serveHeld(ended, input.paths)
  try {
    await afterLettingGo(ended, input)
  } finally {
    held.end()
    await ended.close()
  }
}

async function endOf(daemon: Daemon, lock: Lock, tell?: Tell): Promise<'stopped' | LetGo> {
  try {
    return await daemon.run(lock, tell)
  } finally {
    lock.release()
  }
}

/** When the successor failed, this process supervises again, as a daemon that adopts what the one before it left. */
async function afterLettingGo(ended: LetGo, input: DaemonInput): Promise<void> {
  const outcome = await untilSuperseded(input.paths, ended.successor)
  if (outcome === 'superseded') {
    ended.decided()
    await giveWay(ended.machinery)
    await untilEmpty(ended)
    return
  }
  await supervise(new Daemon(input, ended.configuration), outcome, input, (phase) => {
    if (phase === 'serving') ended.decided()
    else void giveWay(ended.machinery)
  })
}

async function provedBy({ front, paths }: DaemonInput, config: Config): Promise<readonly Problem[]> {
  return config.settings.nginx.flag ? await front.prove(serverSettings(config), nginxPaths(config, paths, ownUuid(paths))) : []
}
