import { isErrno } from '../../host/disk/errno.ts'

/** Characters that are written at once. */
const PORTION = 64 << 10

/**
 * Standard output for what has no end. A reader that is slow is waited for, and one that has gone (`| head`) ends the command
 * without a word.
 */
export class Stream {
  #hasReader = true

  constructor() {
    process.stdout.on('error', (error: Error) => {
      if (!isErrno(error, 'EPIPE')) throw error
      this.#hasReader = false
    })
  }

  get hasReader(): boolean {
    return this.#hasReader
  }

  line(text: string): Promise<void> {
    return this.#write(`${text}\n`)
  }

  /** Many at once, which costs a fraction. */
  async lines(texts: Iterable<string>): Promise<void> {
    let portion = ''
    for (const text of texts) {
      portion += `${text}\n`
      if (portion.length < PORTION) continue
      await this.#write(portion)
      if (!this.#hasReader) return
      portion = ''
    }
    if (portion !== '') await this.#write(portion)
  }

  async #write(text: string): Promise<void> {
    if (!this.#hasReader || process.stdout.write(text)) return
    await new Promise<void>((resolve) => {
      const go = (): void => {
        process.stdout.off('drain', go).off('error', go)
        resolve()
      }
      process.stdout.once('drain', go).once('error', go)
    })
  }
}

/** Colours are for a terminal, and not for who refuses them: https://no-color.org. */
export function isColoured(): boolean {
  const { NO_COLOR, TERM } = process.env
  return process.stdout.isTTY === true && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb'
}
