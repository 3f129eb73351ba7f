import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { join } from 'node:path'
import { isSystemError } from '../host/disk/errno.ts'
import { ownCommand } from '../host/home/own-command.ts'
import { openLog } from '../host/logs/log-file.ts'
import { log } from '../host/logs/logger.ts'
import { steadyNow } from '../host/process/clock.ts'
import { later, type Millis } from '../time.ts'

const LOOK_MS = 1000
const AGAIN_AFTER_MS = 5000

/**
 * A process that does what the daemon must not be held up by. It is started again when it ends, and when something else is
 * wanted of it. It ends by itself when its daemon has.
 */
export class Helper {
  readonly #directory: string
  readonly #command: string
  readonly #what: string
  #child: ChildProcess | undefined
  #wanted = ''
  #notBefore = 0 as Millis

  /** `command`: what it runs, of mfserv, which is the name of its log in `directory` too. `what`: for people. */
  constructor(directory: string, command: string, what: string) {
    this.#directory = directory
    this.#command = command
    this.#what = what
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** `wanted`: what it is to do, as a text that differs when that does; empty for nothing. `prepare` is called before a start. */
  look(wanted: string, prepare: () => void = () => undefined): void {
    if (wanted !== this.#wanted) this.end()
    this.#wanted = wanted
    if (wanted === '' || this.#child !== undefined || steadyNow() < this.#notBefore) return
    this.#notBefore = later(steadyNow(), AGAIN_AFTER_MS)
    try {
      prepare()
      this.#start()
    } catch (error) {
      // Of a full disk. What supervises goes on.
      if (!isSystemError(error)) throw error
      log('WARNING', `${this.#what} could not be started: ${error.message}`)
    }
  }

  /** Calls `look`, now and once a second. When it is closed the process ends. */
  watch(look: () => void): { readonly close: () => void } {
    const timer = setInterval(look, LOOK_MS)
    look()
    return {
      close: () => {
        clearInterval(timer)
        this.end()
      },
    }
  }

  end(): void {
    this.#child?.kill('SIGTERM')
    this.#child = undefined
  }

  #start(): void {
    const file = join(this.#directory, `${this.#command}.log`)
    const output = openLog(file)
    try {
      const child = spawn(process.execPath, ownCommand('mfserv', this.#command), { stdio: ['ignore', output, output] })
      this.#child = child
      const ended = (how: string): void => {
        if (this.#child !== child) return
        this.#child = undefined
        log('WARNING', `${this.#what} ${how}, and is started again; see ${file}`)
      }
      child.on('error', (error) => ended(`could not be started: ${error.message}`))
      child.on('exit', (code, signal) => ended(`ended with ${signal ?? `code ${code}`}`))
      child.unref()
      log('INFO', `${this.#what} is done by pid ${child.pid}`)
    } finally {
      closeSync(output)
    }
  }
}
