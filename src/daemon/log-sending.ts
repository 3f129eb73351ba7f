import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { ownCommand } from '../host/home/own-command.ts'
import { openLog } from '../host/logs/log-file.ts'
import { log } from '../host/logs/logger.ts'
import { steadyNow } from '../host/process/clock.ts'
import { later, type Millis } from '../time.ts'

const LOOK_MS = 1000
const AGAIN_AFTER_MS = 5000

/**
 * Sends log records where [log] says. A process of its own does it, so that no flood of records holds up what supervises; it is
 * started again when it ends, and when another place is written.
 */
export class LogSending {
  readonly #directory: string
  readonly #config: () => Config
  #child: ChildProcess | undefined
  #wanted = ''
  #notBefore = 0 as Millis

  constructor(directory: string, config: () => Config) {
    this.#directory = directory
    this.#config = config
  }

  /** Looks again and again, until it is closed. */
  watch(): { readonly close: () => void } {
    const timer = setInterval(() => this.look(), LOOK_MS)
    this.look()
    return {
      close: () => {
        clearInterval(timer)
        this.#end()
      },
    }
  }

  look(): void {
    const { json_file, json_minimal_level, send_to, send_minimal_level, chmod } = this.#config().settings.log
    const isWanted = json_file !== '' || send_to !== ''
    const wanted = isWanted ? JSON.stringify([json_file, json_minimal_level, send_to, send_minimal_level, chmod]) : ''
    if (wanted !== this.#wanted) this.#end()
    this.#wanted = wanted
    if (isWanted && this.#child === undefined && steadyNow() >= this.#notBefore) this.#start()
  }

  #start(): void {
    this.#notBefore = later(steadyNow(), AGAIN_AFTER_MS)
    const file = join(this.#directory, 'send_logs.log')
    const output = openLog(file)
    try {
      const child = spawn(process.execPath, ownCommand('mfserv', 'send_logs'), { stdio: ['ignore', output, output] })
      this.#child = child
      const ended = (how: string): void => {
        if (this.#child !== child) return
        this.#child = undefined
        log('WARNING', `the sending of log records ${how}, and is started again; see ${file}`)
      }
      child.on('error', (error) => ended(`could not be started: ${error.message}`))
      child.on('exit', (code, signal) => ended(`ended with ${signal ?? `code ${code}`}`))
      child.unref()
      log('INFO', `log records are sent by pid ${child.pid}`)
    } finally {
      closeSync(output)
    }
  }

  #end(): void {
    this.#child?.kill('SIGTERM')
    this.#child = undefined
  }
}
