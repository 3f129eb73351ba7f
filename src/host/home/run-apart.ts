import { spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { openLog } from '../logs/log-file.ts'
import { ownCommand } from './own-command.ts'

interface RunApart {
  /** The command of mfserv. */
  readonly words: readonly string[]
  /** Where its output goes. */
  readonly file: string
  /** It is ended after so long; undefined: never. */
  readonly withinMs?: number
  /** Called once it has ended, with what went wrong if anything did. */
  readonly ended: (trouble: string | undefined) => void
}

/**
 * Runs a command of this mfserv beside the daemon, in a session of its own: it goes on when the daemon ends. Answers its pid;
 * undefined when it could not be started. Throws what the system says when its log cannot be opened.
 */
export function runApart({ words, file, withinMs, ended }: RunApart): number | undefined {
  const output = openLog(file)
  try {
    const child = spawn(process.execPath, ownCommand('mfserv', ...words), {
      detached: true,
      stdio: ['ignore', output, output],
      timeout: withinMs,
    })
    child.on('error', (error) => ended(`it could not be started: ${error.message}`))
    child.on('exit', (code, signal) => ended(code === 0 ? undefined : `it ended with ${signal ?? `code ${code}`}`))
    child.unref()
    return child.pid
  } finally {
    closeSync(output)
  }
}
