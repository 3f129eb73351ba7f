import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, writeSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import { hostname } from 'node:os'
import { isAtLeast, type Level } from '../../log/level.ts'
import { jsonText, levelFor, prioritizedText, type SendTo, syslogText } from '../../log/out.ts'
import type { LogRecord } from '../../log/record.ts'
import { openLog } from './log-file.ts'

/** Where records go besides the files that they are in. */
export interface Sender {
  /** Answers once they are given away, or could not be. */
  readonly send: (records: readonly LogRecord[]) => Promise<void>
  readonly close: () => void
}

/** `tell`: why something could not be sent; it is tried again with the next record. */
export type Tell = (why: string) => void

/** A datagram that is longer is refused by many receivers. */
const MOST_DATAGRAM_BYTES = 8192

export function onlyFrom(least: Level, { send, close }: Sender): Sender {
  return { send: (records) => send(records.filter((record) => isAtLeast(levelFor(record), least))), close }
}

/** A file of JSON lines. It is opened again for each look, so that it may be rotated by whoever does. Requests are in JSON already. */
export function jsonFile(path: string, rights?: number): Sender {
  return {
    send: async (all) => {
      const records = all.filter(({ source }) => source.is !== 'access')
      if (records.length === 0) return
      const file = openLog(path, rights)
      try {
        writeSync(file, records.map((record) => `${jsonText(record)}\n`).join(''))
      } finally {
        closeSync(file)
      }
    },
    close: () => undefined,
  }
}

export function senderTo(target: SendTo, tell: Tell): Sender {
  switch (target.is) {
    case 'journald':
      return byProgram('systemd-cat', ['--identifier=mfserv', '--level-prefix=yes'], 'severity alone', tell)
    case 'socket':
      return byProgram(
        'logger',
        ['--socket', target.path, '--rfc5424', '--tag', 'mfserv', '--prio-prefix', '--socket-errors=on'],
        'with facility',
        tell,
      )
    case 'address':
      return byDatagram(target.host, target.port, tell)
    default:
      return target satisfies never
  }
}

/** A program that reads lines; started again when it has ended. */
function byProgram(program: string, words: readonly string[], facility: 'with facility' | 'severity alone', tell: Tell): Sender {
  let child: ChildProcess | undefined
  const start = (): ChildProcess => {
    const started = spawn(program, words, { stdio: ['pipe', 'ignore', 'inherit'] })
    const ended = (why: string): void => {
      if (child === started) child = undefined
      tell(`${program} ${why}`)
    }
    started.on('error', (error) => ended(`cannot be run: ${error.message}`))
    started.on('exit', (code, signal) => ended(`ended with ${signal ?? `code ${code}`}`))
    // What it does not take any more is told by its end.
    started.stdin?.on('error', () => undefined)
    return started
  }
  return {
    send: async (records) => {
      if (records.length === 0) return
      child ??= start()
      const { stdin } = child
      if (stdin === null || stdin.write(records.map((record) => prioritizedText(record, facility)).join(''))) return
      await new Promise<void>((resolve) => {
        stdin.once('drain', resolve).once('close', resolve)
      })
    },
    close: () => {
      const ending = child
      child = undefined
      ending?.removeAllListeners('exit')
      ending?.stdin?.end()
    },
  }
}

function byDatagram(host: string, port: number, tell: Tell): Sender {
  const { createSocket } = process.getBuiltinModule('node:dgram')
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  socket.on('error', (error) => tell(`syslog at ${host}:${port}: ${error.message}`))
  const name = hostname()
  const sendOne = (record: LogRecord): Promise<void> =>
    new Promise((resolve) => {
      const bytes = Buffer.from(syslogText(record, name)).subarray(0, MOST_DATAGRAM_BYTES)
      socket.send(bytes, port, host, (error) => {
        if (error !== null) tell(`syslog at ${host}:${port}: ${error.message}`)
        resolve()
      })
    })
  return {
    send: async (records) => {
      for (const record of records) await sendOne(record)
    },
    close: () => socket.close(),
  }
}
