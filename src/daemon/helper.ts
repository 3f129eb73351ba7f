import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { join } from 'node:path'
import { ownCommand } from '../host/home/own-command.ts'
import { openLog } from '../host/logs/log-file.ts'
import { log } from '../host/logs/logger.ts'
import { steadyNow } from '../host/process/clock.ts'
import { later, type Millis } from '../time.ts'

const AGAIN_AFTER_MS = 5000

interface HelperInput {
  /** Where its log is. */
  readonly directory: string
  /** The command of mfserv that it runs, which is the name of its log too. */
  readonly command: string
  /** For people: `the sending of log records`. */
  readonly what: string
  /** Gets what it says. */
  readonly hear?: (said: unknown) => void
}

/**
 * A process that does what the daemon must not be held up by. It is started again when it ends, and when something else is
 * wanted of it. It ends by itself when its daemon has.
 */
export class Helper {
  readonly #input: HelperInput
  #child: ChildProcess | undefined
  #wanted = ''
  #notBefore = 0 as Millis

  constructor(input: HelperInput) {
    this.#input = input
  }

  /** `wanted`: what it is to do, as a text that differs when that does; empty for nothing. It is told `input` first. */
  look(wanted: string, input?: object): void {
    if (wanted !== this.#wanted) this.end()
    this.#wanted = wanted
    if (wanted !== '' && this.#child === undefined && steadyNow() >= this.#notBefore) this.#start(input)
  }

  end(): void {
    this.#child?.kill('SIGTERM')
    this.#child = undefined
  }

  #start(input: object | undefined): void {
    const { directory, command, what, hear } = this.#input
    this.#notBefore = later(steadyNow(), AGAIN_AFTER_MS)
    const file = join(directory, `${command}.log`)
    const output = openLog(file)
    try {
      const child = spawn(process.execPath, ownCommand('mfserv', command), { stdio: ['ignore', output, output, 'ipc'] })
      this.#child = child
      const ended = (how: string): void => {
        if (this.#child !== child) return
        this.#child = undefined
        log('WARNING', `${what} ${how}, and is started again; see ${file}`)
      }
      child.on('error', (error) => ended(`could not be started: ${error.message}`))
      child.on('exit', (code, signal) => ended(`ended with ${signal ?? `code ${code}`}`))
      child.on('message', (said) => {
        if (this.#child === child) hear?.(said)
      })
      // One that could not be started hears nothing; that is told above.
      if (input !== undefined) child.send(input, () => undefined)
      child.unref()
      child.channel?.unref()
      log('INFO', `${what} is done by pid ${child.pid}`)
    } finally {
      closeSync(output)
    }
  }
}
