import type { StatusReport } from '../../../src/control/protocol.ts'
import { type Bench, must, printed } from '../bench.ts'

/*
 * What is asked of the service and of systemd in the machine.
 */

export function root(script: string, { guest }: Bench): Promise<string> {
  return printed(guest.run('root', script))
}

/** Who asks systemd, and how: of a service of the machine root does, of a service of a user he himself. */
interface Asked {
  readonly who: string
  readonly systemctl: string
}

export function asked({ user }: Bench): Asked {
  return user === 'mfserv' ? { who: 'root', systemctl: 'systemctl' } : { who: user, systemctl: 'systemctl --user' }
}

export function ofService(script: string, on: Bench): Promise<string> {
  return printed(on.guest.run(asked(on).who, script))
}

export async function status({ guest, user }: Bench): Promise<StatusReport> {
  const { output } = await guest.run(user, 'mfserv.status --json')
  return JSON.parse(output.slice(output.indexOf('{')))
}

/** How often systemd has started it because it had ended. */
export async function restarts(on: Bench): Promise<number> {
  return Number(await ofService(`${asked(on).systemctl} show -P NRestarts mfserv`, on))
}

/**
 * A command makes another daemon supervise, which systemd takes for the service, and starts nothing itself. Workers and nginx go on;
 * those of another mfserv are replaced one by one.
 */
export async function replaces(script: string, user: string, on: Bench): Promise<StatusReport> {
  const [before, restartsBefore] = [await status(on), await restarts(on)]
  await must(on.guest.run(user, script))
  const after = await status(on)
  const { daemon } = after
  if (daemon.pid === before.daemon.pid || daemon.service !== 'systemd') {
    throw new Error(`the daemon was ${JSON.stringify(before.daemon)}, and is ${JSON.stringify(daemon)}`)
  }
  const main = Number(await ofService(`${asked(on).systemctl} show -P MainPID mfserv`, on))
  if (main !== daemon.pid) throw new Error(`systemd takes ${main} for the daemon, which is ${daemon.pid}`)
  if (before.daemon.code === after.daemon.code) mustBeKept(before, after)
  const more = (await restarts(on)) - restartsBefore
  if (more !== 0) throw new Error(`systemd has started it ${more} times`)
  return after
}

/**
 * A signal makes systemd start another daemon. Answers how long it took until that was ready, by the clock of the machine, and no less
 * than what it took of a processor.
 */
export async function isReplacedAfter(
  signal: 'KILL' | 'STOP',
  on: Bench,
): Promise<{ readonly seconds: number; readonly used: number }> {
  const before = await status(on)
  const { pid } = before.daemon
  const { systemctl } = asked(on)
  // To ask systemd takes an emulated processor a part of a second, so it is not asked often; it knows when the daemon was ready.
  const look = `case $(${systemctl} show -p MainPID -p ActiveState mfserv) in *MainPID=${pid}*) ;; *ActiveState=active*) break ;; esac`
  const ready = `${systemctl} show -P ActiveEnterTimestampMonotonic mfserv`
  const used = on.guest.processorSeconds()
  const script = `cut -d' ' -f1 /proc/uptime; kill -${signal} ${pid}; while :; do ${look}; sleep 2; done; ${ready}`
  const [from = Number.NaN, to = Number.NaN] = (await ofService(script, on)).trim().split('\n').map(Number)
  const measured = { seconds: to / 1_000_000 - from, used: on.guest.processorSeconds() - used }
  const after = await status(on)
  if (after.daemon.pid === pid) throw new Error('the daemon is the same')
  mustBeKept(before, after)
  return measured
}

function mustBeKept(before: StatusReport, after: StatusReport): void {
  if (workersOf(before).join() !== workersOf(after).join()) throw new Error('nginx or the workers are others')
}

/** nginx and the workers: what answers requests. */
export function workersOf({ nginx, plugins }: StatusReport): readonly (number | null)[] {
  return [nginx.pid, ...plugins.flatMap(({ apps }) => apps.flatMap(({ slots }) => slots.map(({ pid }) => pid)))]
}

/** What runs of mfserv and nginx as the user of the service, a line each. */
export async function processes(on: Bench): Promise<string> {
  const each = `find /proc -maxdepth 1 -name "[0-9]*" -user ${on.user}`
  const lines = await root(`for one in $(${each}); do tr '\\0' ' ' <$one/cmdline 2>/dev/null; echo; done`, on)
  return lines
    .split('\n')
    .filter((line) => /nginx|mfserv/.test(line))
    .join('\n')
}
