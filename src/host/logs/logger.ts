import { terminalText } from '../../terminal-text.ts'

type Level = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR'

/** One line of mfserv's own log: standard output, which the start command appends to `log/mfserv.log`. */
export function log(level: Level, message: string): void {
  const stamp = new Date().toISOString().replace('Z', '000Z')
  process.stdout.write(`${stamp} ${`[${level}]`.padStart(10)} (mfserv#${process.pid}) ${terminalText(message)}\n`)
}
