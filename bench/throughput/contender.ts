import { setTimeout as later } from 'node:timers/promises'
import type { Started } from '../scratch.ts'

export const APPS = ['static', 'python3_sync', 'node'] as const
export type AppType = (typeof APPS)[number]

/** One way to serve one of the three Hello Worlds. */
export interface Contender {
  readonly app: AppType
  readonly servedBy: string
  readonly url: string
  /** Where its processor time is told apart. */
  readonly processes?: Processes
}

/** By those that lead their sessions. */
export interface Processes {
  readonly front: readonly number[]
  readonly application: readonly number[]
}

/** The same paths for all, so that the same requests are measured. */
export const PATHS: Readonly<Record<AppType, string>> = {
  static: '/pages/index.html',
  python3_sync: '/wsgi',
  node: '/express',
}

const ANSWERS_WITHIN_MS = 20_000
const LOOK_MS = 20

/** Waits until the URL answers 200 and returns the body. Throws why not: the process that should answer, or the last answer. */
export async function bodyOf(url: string, processes: readonly Started[] = []): Promise<string> {
  const deadline = performance.now() + ANSWERS_WITHIN_MS
  for (;;) {
    const failure = processes.map((one) => one.failure()).find((text) => text !== undefined)
    if (failure !== undefined) throw new Error(failure)
    const [status, body] = await answer(url)
    if (status === 200) return body
    if (performance.now() > deadline) throw new Error(`${url} answered ${status}: ${body}`)
    await later(LOOK_MS)
  }
}

async function answer(url: string): Promise<readonly [number, string]> {
  try {
    const response = await fetch(url)
    return [response.status, await response.text()]
  } catch (error) {
    return [0, error instanceof Error ? `${error.message}: ${String(error.cause)}` : String(error)]
  }
}
