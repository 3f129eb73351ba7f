import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { App } from '../../plugin/plugin.ts'
import { RUNTIMES } from '../../runtime/runtime.ts'
import { isErrno } from '../disk/errno.ts'
import type { Paths } from '../home/paths.ts'
import { knownDebugPin } from '../module/debug-pin.ts'

/** How a person gets into an app with debug=1: the PIN that the page in the browser asks for, or the URL of an inspector. */
export interface Debugger {
  readonly pin: string | undefined
  readonly url: string | undefined
}

/** Undefined where there is none: another language, or no worker of Node that runs. */
export async function debuggerOf(plugin: string, { name, type }: App, paths: Paths): Promise<Debugger | undefined> {
  const { language } = RUNTIMES[type]
  if (language === 'node') {
    const url = await inspectorUrl(join(paths.log, `app_${plugin}_${name}.log`))
    return url === undefined ? undefined : { pin: undefined, url }
  }
  if (language !== 'python3' && language !== 'python2') return undefined
  const pin = knownDebugPin(plugin, paths)
  return pin === undefined ? undefined : { pin, url: undefined }
}

const LAST_BYTES = 1 << 20
const PATIENCE_MS = 1000

/** The newest inspector that the log of a worker names, if it still answers. */
async function inspectorUrl(log: string): Promise<string | undefined> {
  const named = [...endOf(log).matchAll(/^Debugger listening on ws:\/\/(127\.0\.0\.1:\d+)\/([\w-]+)$/gm)].at(-1)
  if (named === undefined) return undefined
  const [, address = '', id = ''] = named
  try {
    const answer = await fetch(`http://${address}/json/list`, { signal: AbortSignal.timeout(PATIENCE_MS) })
    const targets = await answer.text()
    return targets.includes(id) ? `ws://${address}/${id}` : undefined
  } catch (error) {
    // Nobody listens there any more, or somebody else does.
    if (isNoAnswer(error)) return undefined
    throw error
  }
}

/** `fetch` says so by a TypeError with a cause, and by that of its signal. */
function isNoAnswer(error: unknown): boolean {
  return (
    (error instanceof TypeError && error.cause !== undefined) || (error instanceof DOMException && error.name === 'TimeoutError')
  )
}

function endOf(file: string): string {
  try {
    const descriptor = openSync(file, 'r')
    try {
      const { size } = fstatSync(descriptor)
      const buffer = Buffer.alloc(Math.min(size, LAST_BYTES))
      const read = readSync(descriptor, buffer, 0, buffer.length, size - buffer.length)
      return buffer.toString('latin1', 0, read)
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'EACCES')) return ''
    throw error
  }
}
