import type { Config } from '../config/config.ts'
import { serverSettings } from '../desired/server-settings.ts'
import { finishRestore } from '../host/backup/swap-home.ts'
import type { Lock } from '../host/disk/lock.ts'
import { ownUuid, prepareDirectories } from '../host/home/directories.ts'
import { recordState, refuseNewerState } from '../host/home/state-version.ts'
import { removeAllUnrenamed } from '../host/home/unrenamed.ts'
import { log } from '../host/logs/logger.ts'
import { generateConfig } from '../host/module/commented-config.ts'
import { nginxPaths } from '../host/module/desire-settings.ts'
import { signal } from '../host/process/proc.ts'
import { certificatesInForce, newCertificateProblems } from '../host/tls/in-force.ts'
import { formatProblem, type Problem } from '../problem.ts'
import { Daemon, type DaemonInput, type LetGo, type Tell } from './daemon.ts'
import { Disk } from './disk.ts'
import { giveWay, serveHeld, type TakesOver, takePlace, untilEmpty, untilSuperseded } from './hand-over.ts'
import { listenToSignals } from './signals.ts'
import { Configuration } from './wanted/configuration.ts'

/**
 * Supervises a runtime home until it is told to stop, or until another daemon does it. Throws Problems when it cannot start;
 * nothing has been touched then. However it ends, its socket and its lock are free for the next one, and what serves goes on
 * unless it was told to stop. A daemon that is there already is asked for its place, if this one may take it.
 */
export async function runDaemon(input: DaemonInput, from: TakesOver = 'nobody'): Promise<void> {
  // What a daemon before this one left is stopped in order too, so this one has to adopt it first.
  const stop = keepStop(() => undefined)
  try {
    await begin(input, from, stop)
  } finally {
    stop.end()
  }
}

async function begin(input: DaemonInput, from: TakesOver, stop: KeptStop): Promise<void> {
  const { paths, code, machine, manager } = input
  refuseNewerState(paths, machine.version)
  // A full disk must not end the daemon because its own log cannot be written.
  process.stdout.on('error', () => undefined)
  new Disk(paths, () => undefined).makeRoom()
  finishRestore(paths)
  const configuration = await Configuration.begin(paths, (config) => provedBy(input, config))
  if (manager.is === 'systemd' && !configuration.inForce.config.settings.startup.flag) {
    // It is as the administrator wants it: no failure that systemd would try again.
    manager.supervises()
    manager.ready()
    manager.status('not started: [startup] flag is 0')
    return
  }
  prepareDirectories(paths)
  generateConfig(paths)
  const lock = await takePlace(paths, code, from)
  removeAllUnrenamed(paths)
  // A full disk keeps no daemon from its work; the next start writes it.
  const unrecorded = recordState(paths, machine.version)
  if (unrecorded !== undefined) log('WARNING', formatProblem(unrecorded))
  await supervise(new Daemon(input, configuration), lock, input, (phase) => {
    if (phase === 'serving') stop.passOn()
  })
}

async function supervise(daemon: Daemon, lock: Lock, input: DaemonInput, tell: Tell = () => undefined): Promise<void> {
  const ended = await endOf(daemon, lock, (phase) => {
    if (phase === 'supervising') input.manager.supervises()
    tell(phase)
  })
  if (ended === 'stopped') return
  const held = serveHeld(ended, input.paths)
  try {
    await afterLettingGo(ended, input)
  } finally {
    held.end()
    await ended.close()
  }
}

async function endOf(daemon: Daemon, lock: Lock, tell: Tell): Promise<'stopped' | LetGo> {
  try {
    return await daemon.run(lock, tell)
  } finally {
    lock.release()
  }
}

/** When the successor failed, this process supervises again, as a daemon that adopts what the one before it left. */
async function afterLettingGo(ended: LetGo, input: DaemonInput): Promise<void> {
  // Whoever tells this process to stop means the one that is about to supervise. When that fails, it is this one again.
  const stop = keepStop(() => signal(ended.successor, 'SIGTERM'))
  const outcome = await untilSuperseded(input.paths, ended.successor, () => input.manager.works())
  stop.end()
  if (outcome === 'superseded') {
    ended.decided()
    await giveWay(ended.machinery)
    await untilEmpty(ended)
    return
  }
  await supervise(new Daemon(input, ended.configuration), outcome, input, (phase) => {
    if (phase === 'supervising') return void giveWay(ended.machinery)
    ended.decided()
    stop.passOn()
  })
}

/** What tells this process to stop while it supervises nothing. */
interface KeptStop {
  /** The daemon of this process listens from now on: it is told what was kept. */
  readonly passOn: () => void
  readonly end: () => void
}

function keepStop(asked: () => void): KeptStop {
  let isAsked = false
  const end = listenToSignals({
    stop: () => {
      isAsked = true
      asked()
    },
    look: () => undefined,
  })
  const passOn = (): void => {
    end()
    if (isAsked) process.kill(process.pid, 'SIGTERM')
  }
  return { passOn: () => setImmediate(passOn), end }
}

async function provedBy({ front, paths }: DaemonInput, config: Config): Promise<readonly Problem[]> {
  if (!config.settings.nginx.flag) return []
  const refused = newCertificateProblems(paths, config)
  if (refused.length > 0) return refused
  return await front.prove(serverSettings(config, certificatesInForce(paths, config)), nginxPaths(config, paths, ownUuid(paths)))
}
