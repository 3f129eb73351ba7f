import type { Config } from '../config/config.ts'
import { Helper } from './helper.ts'

/** Sends log records where [log] says, in a process of its own: no flood of records holds up what supervises. */
export class LogSending {
  readonly #config: () => Config
  readonly #helper: Helper

  constructor(directory: string, config: () => Config) {
    this.#config = config
    this.#helper = new Helper(directory, 'send_logs', 'the sending of log records')
  }

  /** Looks again and again, until it is closed. */
  watch(): { readonly close: () => void } {
    return this.#helper.watch(() => this.look())
  }

  look(): void {
    const { json_file, json_minimal_level, send_to, send_minimal_level, chmod } = this.#config().settings.log
    const isWanted = json_file !== '' || send_to !== ''
    this.#helper.look(isWanted ? JSON.stringify([json_file, json_minimal_level, send_to, send_minimal_level, chmod]) : '')
  }
}
