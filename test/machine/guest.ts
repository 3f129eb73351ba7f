import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, readFileSync, renameSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import type { Image } from './image.ts'

/** A machine that runs, and takes commands as somebody who is logged in. */
export interface Guest {
  /** Runs a script of sh as a user; its output comes line by line. Throws when the machine ends, or says nothing for long. */
  readonly run: (user: string, script: string) => Promise<Ran>
  /** As an administrator does it; answers when the machine takes commands again. */
  readonly reboot: () => Promise<void>
  /** Ends it in order: its disk can be used again. */
  readonly powerOff: () => Promise<void>
  /** Ends it at once, as a power cut does; its disk can be used again when this answers. */
  readonly cut: () => Promise<void>
  /** The processor time of this machine that it has used: beside others it takes longer, and not more. */
  readonly processorSeconds: () => number
  /** Writes its memory to a file and ends it: `resume` goes on from there. */
  readonly freeze: (memory: string) => Promise<void>
}

export interface Ran {
  readonly code: number
  readonly output: string
}

export interface Hardware {
  readonly image: Image
  /** A layer over the disk of the image; made if it is not there. It is only whole after `powerOff` or `freeze`. */
  readonly disk: string
  /** A tar that the machine finds as /dev/vdb. */
  readonly tar: string
  /** A file that the machine finds as /dev/vdc, and may write: what it has to give to another one. */
  readonly carried?: string
  /** The port of this machine that leads to mfserv's port in the guest; without one the guest has no network card. */
  readonly port?: number
  /** An empty file that gets all that the machine asks of its disk, in that order: see QEMU's driver `blklogwrites`. */
  readonly record?: string
  readonly say: (line: string) => void
}

/** Nothing is said for so long: it hangs. An emulated npm is silent for minutes. */
const SILENT_MS = 20 * 60_000
const MEMORY_MB = 3072

type Message =
  | { readonly is: 'ready'; readonly boot: string }
  | { readonly is: 'out'; readonly run: number; readonly text: string }
  | { readonly is: 'end'; readonly run: number; readonly code: number }

/** Starts the machine; answers when it takes commands. */
export async function boot(hardware: Hardware): Promise<Guest> {
  const { qemu, mail } = await start(hardware, undefined)
  return guestOf(hardware, qemu, mail, await mail.ready(undefined))
}

/** Goes on with a machine where `freeze` ended it, on the disk that it had then or a layer over that. */
export async function resume(hardware: Hardware, memory: string): Promise<Guest> {
  const { qemu, mail } = await start(hardware, memory)
  // Its agent has been ready for long.
  const guest = guestOf(hardware, qemu, mail, undefined)
  await guest.run('root', ':')
  return guest
}

async function start(hardware: Hardware, memory: string | undefined): Promise<{ qemu: ChildProcess; mail: Mail }> {
  const { disk, image } = hardware
  if (!existsSync(disk)) {
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', image.disk, disk])
  }
  const serial = `${disk}.agent`
  const words = [...argumentsOf(hardware, serial), ...(memory === undefined ? [] : ['-incoming', 'exec:cat <"$MACHINE_MEMORY"'])]
  const qemu = spawn('qemu-system-x86_64', words, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, MACHINE_MEMORY: memory ?? `${disk}.memory` },
  })
  const end = (): boolean => qemu.kill('SIGKILL')
  process.once('exit', end)
  qemu.once('exit', () => process.off('exit', end))
  const mail = mailbox(qemu, hardware.say)
  mail.listen(await connected(serial, qemu))
  return { qemu, mail }
}

type Mail = ReturnType<typeof mailbox>

function guestOf({ disk }: Hardware, qemu: ChildProcess, mail: Mail, firstBoot: string | undefined): Guest {
  let bootId = firstBoot
  let runs = 0
  const ended = new Promise((resolve) => qemu.once('exit', resolve))

  async function run(user: string, script: string): Promise<Ran> {
    runs += 1
    mail.send(`RUN ${runs} ${user} ${Buffer.from(script).toString('base64')}\n`)
    return await mail.ended(runs)
  }

  /** Of what ends the machine nobody hears the end. */
  function order(script: string): void {
    runs += 1
    mail.send(`RUN ${runs} root ${Buffer.from(script).toString('base64')}\n`)
  }

  return {
    run,
    reboot: async () => {
      order('systemctl reboot')
      bootId = await mail.ready(bootId)
    },
    powerOff: async () => {
      order('systemctl poweroff')
      await ended
    },
    cut: async () => {
      qemu.kill('SIGKILL')
      await ended
    },
    freeze: async (memory) => {
      const monitor = await connected(`${disk}.monitor`, qemu)
      let said = ''
      monitor.on('data', (data) => (said += data.toString()))
      // Each waits for the one before. The machine itself knows where its memory goes: no path is a word of the monitor.
      monitor.write('migrate_set_parameter max-bandwidth 10G\nmigrate exec:cat>"$MACHINE_MEMORY"\ninfo migrate\nquit\n')
      await ended
      if (!said.includes('Migration status: completed')) throw new Error(`its memory was not written: ${said}`)
      renameSync(`${disk}.memory`, memory)
    },
    processorSeconds: () => processorSecondsOf(qemu.pid ?? 0),
  }
}

function argumentsOf({ image, disk, tar, carried, port, record }: Hardware, serial: string): readonly string[] {
  const drive = (file: string, format: string, more: string): readonly string[] => [
    '-drive',
    `file=${file},format=${format},if=virtio${more}`,
  ]
  return [
    ...['-machine', 'q35', '-cpu', 'max', '-accel', 'tcg,thread=multi', '-smp', '2', '-m', String(MEMORY_MB)],
    ...['-nodefaults', '-display', 'none', '-serial', `file:${disk}.console`],
    ...['-kernel', image.kernel, '-initrd', image.initrd, '-append', 'root=/dev/vda rw console=ttyS0 quiet'],
    ...(record === undefined ? drive(disk, 'qcow2', ',cache=unsafe') : ['-drive', recorded(disk, record)]),
    ...drive(tar, 'raw', ',readonly=on'),
    ...(carried === undefined ? [] : drive(carried, 'raw', ',cache=unsafe')),
    ...(port === undefined
      ? ['-nic', 'none']
      : ['-netdev', `user,id=net,hostfwd=tcp:127.0.0.1:${port}-:18868`, '-device', 'virtio-net-pci,netdev=net']),
    ...['-device', 'virtio-rng-pci', '-device', 'virtio-serial-pci'],
    ...['-chardev', `socket,id=agent,path=${serial},server=on,wait=off`],
    ...['-device', 'virtserialport,chardev=agent,name=mfserv.machine'],
    ...['-monitor', `unix:${disk}.monitor,server=on,wait=off`],
  ]
}

/** The machine's own syncs go into the record; none has to reach the disk of this one. */
function recorded(disk: string, record: string): string {
  const file = `file.driver=qcow2,file.file.driver=file,file.file.filename=${disk},file.cache.no-flush=on`
  return `driver=blklogwrites,${file},log.driver=file,log.filename=${record},log.cache.no-flush=on,if=virtio,cache=writeback`
}

const TICKS_PER_SECOND = 100

function processorSecondsOf(pid: number): number {
  // Behind its name, which may hold blanks.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

async function connected(path: string, qemu: ChildProcess): Promise<Socket> {
  for (;;) {
    if (qemu.exitCode !== null || qemu.signalCode !== null) throw new Error(`qemu ended: ${qemu.exitCode ?? qemu.signalCode}`)
    const socket = await new Promise<Socket | undefined>((resolve) => {
      const made = connect(path, () => resolve(made)).once('error', () => resolve(undefined))
    })
    if (socket !== undefined) return socket
    await delay(100)
  }
}

/** Keeps what the agent says until somebody waits for it. */
function mailbox(qemu: ChildProcess, say: (line: string) => void) {
  const said = new Map<number, string[]>()
  const codes = new Map<number, number>()
  let boot: string | undefined
  let heardAt = performance.now()
  let socket: Socket | undefined
  let wake = (): void => undefined

  function take(message: Message): void {
    heardAt = performance.now()
    if (message.is === 'ready') boot = message.boot
    if (message.is === 'out') said.set(message.run, [...(said.get(message.run) ?? []), message.text])
    if (message.is === 'out') say(message.text)
    if (message.is === 'end') codes.set(message.run, message.code)
    wake()
  }

  async function until<T>(look: () => T | undefined): Promise<T> {
    heardAt = performance.now()
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      if (qemu.exitCode !== null || qemu.signalCode !== null) throw new Error('the machine ended')
      if (performance.now() - heardAt > SILENT_MS) throw new Error(`it has said nothing for ${SILENT_MS / 60_000} minutes`)
      await Promise.race([delay(1000), new Promise<void>((resolve) => (wake = resolve))])
    }
  }

  return {
    listen: (to: Socket): void => {
      socket = to
      createInterface({ input: to }).on('line', (line) => {
        const message = parse(line)
        if (message !== undefined) take(message)
      })
    },
    send: (text: string): void => {
      socket?.write(text)
    },
    ready: (other: string | undefined): Promise<string> => until(() => (boot === other ? undefined : boot)),
    ended: (run: number): Promise<Ran> =>
      until(() => {
        const code = codes.get(run)
        return code === undefined ? undefined : { code, output: (said.get(run) ?? []).join('\n') }
      }),
  }
}

function parse(line: string): Message | undefined {
  const [, word, first = '', rest = ''] = /^(READY|OUT|END) (\S+) ?(.*)$/.exec(line.replace(/\r$/, '')) ?? []
  if (word === 'READY') return { is: 'ready', boot: first }
  if (word === 'OUT') return { is: 'out', run: Number(first), text: rest }
  return word === 'END' ? { is: 'end', run: Number(first), code: Number(rest) } : undefined
}

/** The last lines of its console, for a machine that does not come up. */
export function consoleOf(disk: string): string {
  const file = `${disk}.console`
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(-30).join('\n') : ''
}
