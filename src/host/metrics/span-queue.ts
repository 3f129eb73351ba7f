import { otlpBody } from '../../metrics/trace/otlp.ts'
import type { Span } from '../../metrics/trace/span.ts'
import { log } from '../logs/logger.ts'

const MOST_WAITING = 4096
const MOST_AT_ONCE = 512
const ANSWERS_WITHIN_MS = 5000
const AGAIN_AFTER_MS = 5000

/** Spans on their way to a collector. A few wait; what is more is dropped and counted, and nobody waits for it. */
export class SpanQueue {
  readonly #url: string
  readonly #version: string
  #waiting: Span[] = []
  #isUnderWay = false
  #notBefore = 0
  #fault: string | undefined
  exported = 0
  dropped = 0

  /** `endpoint`: as `http://127.0.0.1:4318`. */
  constructor(endpoint: string, version: string) {
    this.#url = `${endpoint.replace(/\/+$/, '')}/v1/traces`
    this.#version = version
  }

  add(span: Span): void {
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push(span)
    else this.dropped += 1
  }

  /** Sends some, unless some are under way, or the collector has just failed. */
  flush(): void {
    if (this.#isUnderWay || this.#waiting.length === 0 || performance.now() < this.#notBefore) return
    const batch = this.#waiting.slice(0, MOST_AT_ONCE)
    this.#waiting = this.#waiting.slice(MOST_AT_ONCE)
    this.#isUnderWay = true
    void this.#send(batch).then((fault) => {
      this.#isUnderWay = false
      if (fault === undefined) this.exported += batch.length
      else this.dropped += batch.length
      if (fault !== undefined) this.#notBefore = performance.now() + AGAIN_AFTER_MS
      if (fault !== undefined && fault !== this.#fault) log('WARNING', `spans are not exported to ${this.#url}: ${fault}`)
      this.#fault = fault
    })
  }

  /** Answers why the collector did not take them; undefined when it did. */
  async #send(batch: readonly Span[]): Promise<string | undefined> {
    try {
      const headers = { 'Content-Type': 'application/json' }
      const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS)
      const body = otlpBody(batch, this.#version)
      const answer = await fetch(this.#url, { method: 'POST', headers, body, signal, redirect: 'error' })
      await answer.body?.cancel()
      return answer.ok ? undefined : `it answered ${answer.status}`
    } catch (error) {
      if (!(error instanceof Error)) throw error
      return error.cause instanceof Error ? error.cause.message : error.message
    }
  }
}
