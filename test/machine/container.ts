import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { appendFileSync, globSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isErrno } from '../../src/host/disk/errno.ts'
import type { Guest, Hardware, Ran } from './guest.ts'

/*
 * A machine as a container: the same disk with the same systemd, booted by systemd-nspawn at the speed of this machine. Its kernel
 * and its network are those of this machine, and its disk is not the one of a machine whose power is cut.
 */

/** The port of mfserv in the machine, and so here. */
export const CONTAINER_PORT = 18_868
const LOOK_MS = 50
const COMES_UP_WITHIN_MS = 120_000
/** Of a script that has ended, where something that it left still has its output. */
const OUTPUT_WITHIN_MS = 1000
/** Where no systemd gives the container a control group it gets one here: else two containers would share theirs. */
const BOOT = `shift 2
if ! [ -d /run/systemd/system ]; then
  group=$(while read -r _ at type _; do [ "$type" != cgroup2 ] || { echo "$at"; break; }; done </proc/mounts)/mfserv-machine-$$
  mkdir "$group"
  echo $$ >"$group/cgroup.procs"
  set -- --keep-unit "$@"
fi
exec systemd-nspawn --directory="$root" "$@"`
/** `$1` the disk, `$2` a directory for it, then the words of systemd-nspawn. What is mounted goes with the process. */
const IN_A_LAYER = `set -e
mkdir -p "$2/below" "$2/changes" "$2/work" "$2/root"
root=$2/root
mount -t tmpfs none /run/systemd/nspawn
mount -o loop,ro "$1" "$2/below"
mount -t overlay -o "lowerdir=$2/below,upperdir=$2/changes,workdir=$2/work" none "$root"
${BOOT}`
const ITSELF = `set -e
root=$2
mkdir -p "$root"
mount -t tmpfs none /run/systemd/nspawn
mount -o loop "$1" "$root"
eval "$MACHINE_PREPARES"
${BOOT}`

/** Starts the machine with a layer over the disk of its image; answers when it has booted. */
export function bootContainer(hardware: Hardware): Promise<Guest> {
  return guestOn(hardware, ['sh', '-c', IN_A_LAYER, 'sh', hardware.image.disk, `${hardware.disk}.layer`], {})
}

/**
 * Starts it with this disk itself, as it is: the kernel of this machine mounts it, and so does what its journal says. `prepare`, a
 * script of sh, comes before that; `$root` is where the disk is mounted.
 */
export function bootDisk(hardware: Hardware, prepare: string): Promise<Guest> {
  const { disk } = hardware
  return guestOn(hardware, ['sh', '-c', ITSELF, 'sh', disk, `${disk}.layer`], { MACHINE_PREPARES: prepare })
}

async function guestOn(hardware: Hardware, mounts: readonly string[], env: Readonly<Record<string, string>>): Promise<Guest> {
  let machine = await boot(hardware, mounts, env)
  const run = (user: string, script: string): Promise<Ran> => runIn(machine.leader, user, script, hardware.say)
  const cut = async (): Promise<void> => {
    cutNow(machine.nspawn)
    await machine.ended
  }
  return {
    run,
    reboot: async () => {
      // It may end before the command does.
      await Promise.race([run('root', 'systemctl reboot'), machine.ended])
      await machine.ended
      machine = await boot(hardware, mounts, env)
    },
    powerOff: async () => {
      await Promise.race([run('root', 'systemctl poweroff'), machine.ended])
      await machine.ended
    },
    cut,
    processorSeconds: () => processorSecondsOf(machine.leader),
    freeze: () => Promise.reject(new Error('a container has no memory of its own that could be kept')),
  }
}

interface Booted {
  readonly nspawn: ChildProcess
  /** The pid of its systemd, as this machine sees it. */
  readonly leader: number
  readonly ended: Promise<void>
}

/** On what the one before has written, if there was one. */
async function boot(
  { disk, tar, carried, port }: Hardware,
  mounts: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Booted> {
  mkdirSync('/run/systemd/nspawn', { recursive: true })
  const words = [
    ...['--quiet', '--boot', '--register=no', '--console=read-only', '--machine=machine'],
    ...(port === undefined ? ['--private-network'] : ['--resolv-conf=copy-host']),
    ...(carried === undefined ? [] : [`--bind=${carried}:/dev/vdc`]),
    ...[`--bind-ro=${tar}:/dev/vdb`, '--bind-ro=/dev/null:/etc/fstab'],
    // It would take the card of this machine for its own.
    ...['systemd-networkd.service', 'machine-agent.service'].map((unit) => `--bind-ro=/dev/null:/etc/systemd/system/${unit}`),
  ]
  const nspawn = spawn('unshare', ['--mount', '--propagation', 'private', ...mounts, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' },
  })
  for (const stream of [nspawn.stdout, nspawn.stderr])
    stream.on('data', (text: Buffer) => appendFileSync(`${disk}.console`, text))
  const end = (): void => cutNow(nspawn)
  process.once('exit', end)
  const ended = new Promise<void>((resolve) =>
    nspawn.once('exit', () => {
      process.off('exit', end)
      removeGroups(nspawn.pid ?? 0)
      resolve()
    }),
  )
  try {
    return { nspawn, leader: await untilBooted(nspawn), ended }
  } catch (error) {
    // It would go on, with its disk, for as long as the test.
    cutNow(nspawn)
    await ended
    throw error
  }
}

/** A directory of control groups is removed from below, one by one. */
function removeGroups(pid: number): void {
  for (const at of globSync(`/sys/fs/cgroup/{,unified/}mfserv-machine-${pid}`)) {
    const below = readdirSync(at, { recursive: true, withFileTypes: true }).filter((entry) => entry.isDirectory())
    try {
      for (const { parentPath, name } of below.toReversed()) rmdirSync(join(parentPath, name))
      rmdirSync(at)
    } catch (error) {
      // Of what was killed the kernel has not finished with each process. An empty group costs nothing.
      if (!isErrno(error, 'EBUSY')) throw error
    }
  }
}

/** What a container has written since its disk was the image. */
export function removeLayer(disk: string): void {
  rmSync(`${disk}.layer`, { recursive: true, force: true })
}

/** Answers the pid of its systemd. */
async function untilBooted(nspawn: ChildProcess): Promise<number> {
  const began = performance.now()
  for (;;) {
    if (nspawn.exitCode !== null || nspawn.signalCode !== null)
      throw new Error(`the machine ended: ${nspawn.exitCode ?? nspawn.signalCode}`)
    const leader = leaderOf(nspawn)
    if (leader !== undefined && hasBooted(leader)) return leader
    if (performance.now() - began > COMES_UP_WITHIN_MS) throw new Error('the machine does not come up')
    await delay(LOOK_MS)
  }
}

/** Whether all that is started at a boot has been, whatever came of it. */
function hasBooted(leader: number): boolean {
  try {
    return /^(running|degraded)$/m.test(
      execFileSync('nsenter', [...inside(leader), 'systemctl', 'is-system-running'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    )
  } catch (error) {
    // It ends with another code for every state but one, and cannot be asked before its bus is there.
    return error instanceof Error && 'stdout' in error && error.stdout === 'degraded\n'
  }
}

/** Of all that its systemd has started, ended processes included, since it has booted. */
function processorSecondsOf(leader: number): number {
  const look = 'cat /sys/fs/cgroup/*/cpu.stat'
  const stats = execFileSync('nsenter', [...inside(leader), 'sh', '-c', look], { encoding: 'utf8' })
  const used = [...stats.matchAll(/^usage_usec (\d+)$/gm)].map(([, us]) => Number(us))
  return used.reduce((sum, us) => sum + us, 0) / 1_000_000
}

function inside(leader: number): readonly string[] {
  return ['--target', String(leader), '--all', '--']
}

/** The process that is the first one in the machine. */
function leaderOf(nspawn: ChildProcess): number | undefined {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => parentOf(pid) === nspawn.pid && /^NSpid:.*\t1$/m.test(statusOf(pid)))
}

function parentOf(pid: number): number {
  return Number(/^PPid:\t(\d+)$/m.exec(statusOf(pid))?.[1])
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch (error) {
    // It has ended meanwhile.
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ESRCH')) return ''
    throw error
  }
}

function cutNow(nspawn: ChildProcess): void {
  const leader = leaderOf(nspawn)
  if (leader !== undefined) process.kill(leader, 'SIGKILL')
  nspawn.kill('SIGKILL')
}

/** As the agent of a virtual machine does it: the user is logged in, and what the script leaves in the background goes on. */
function runIn(leader: number, user: string, script: string, say: (line: string) => void): Promise<Ran> {
  const service = ['systemd-run', '--quiet', '--wait', '--pipe', '--collect', '--property=KillMode=process']
  const shell = `sh -c "$(echo ${Buffer.from(script).toString('base64')} | base64 -d)"`
  const login = ['runuser', '--login', user, '--command', shell]
  const child = spawn('nsenter', [...inside(leader), ...service, ...login], { stdio: ['ignore', 'pipe', 'pipe'] })
  const pieces: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => pieces.push(piece))
  const closed = new Promise((resolve) => child.once('close', resolve))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    // The end of the script counts, not that of its output: what it left in the background may hold that for ever.
    child.once('exit', async (code) => {
      await Promise.race([closed, delay(OUTPUT_WITHIN_MS)])
      const output = Buffer.concat(pieces).toString('utf8').trimEnd()
      for (const stream of [child.stdout, child.stderr]) stream.destroy()
      for (const line of output === '' ? [] : output.split('\n')) say(line)
      resolve({ code: code ?? 1, output })
    })
  })
}
