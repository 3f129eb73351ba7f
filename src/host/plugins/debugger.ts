import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { sourceOf } from '../../log/source.ts'
import type { App } from '../../plugin/plugin.ts'
import { RUNTIMES } from '../../runtime/runtime.ts'
import { isErrno } from '../disk/errno.ts'
import { namesIn } from '../disk/names-in.ts'
import type { Paths } from '../home/paths.ts'
import { knownDebugPin } from '../module/debug-pin.ts'
import { loopbackListener } from '../process/connections.ts'

/** How a person gets into an app with debug=1: the PIN that the page in the browser asks for, or the URL of an inspector. */
export interface Debugger {
  readonly pin: string | undefined
  readonly url: string | undefined
  /** Where debugpy listens for the debugger of an editor. */
  readonly attach?: string | undefined
}

/** Undefined where there is none: another language, or no worker of Node that runs. */
export function debuggerOf(plugin: string, { name, type }: App, paths: Paths): Debugger | undefined {
  const { language } = RUNTIMES[type]
  const logs = namesIn(paths.log)
    .filter((file) => isLogOf(file, plugin, name))
    .map((file) => join(paths.log, file))
  if (language === 'node') {
    const url = listening(logs, /^Debugger listening on (ws:\/\/127\.0\.0\.1:(\d+)\/[\w-]+)$/gm)
    return url === undefined ? undefined : { pin: undefined, url }
  }
  if (language !== 'python3' && language !== 'python2') return undefined
  const pin = knownDebugPin(plugin, paths)
  if (pin === undefined) return undefined
  const attach = listening(logs, / debug=1: debugpy listens on (127\.0\.0\.1:(\d+)), /g)
  return { pin, url: undefined, ...(attach === undefined ? {} : { attach }) }
}

const LAST_BYTES = 1 << 20

/**
 * The newest place that the log of a worker names, if the user whose log it is still listens there. It is not asked: an
 * inspector says nothing to everybody who does not know its URL, and to who does it says that a debugger is attached.
 * `told`: the line, with the place and its port as groups.
 */
function listening(logs: readonly string[], told: RegExp): string | undefined {
  for (const { text, uid } of logs.map(endOf)) {
    const named = [...text.matchAll(told)].at(-1)
    if (named !== undefined && loopbackListener(Number(named[2])) === uid) return named[1]
  }
  return undefined
}

function isLogOf(file: string, plugin: string, app: string): boolean {
  const source = sourceOf(file)
  return source?.is === 'app' && source.plugin === plugin && source.name === app
}

function endOf(file: string): { readonly text: string; readonly uid: number | undefined } {
  try {
    const descriptor = openSync(file, 'r')
    try {
      const { size, uid } = fstatSync(descriptor)
      const buffer = Buffer.alloc(Math.min(size, LAST_BYTES))
      const read = readSync(descriptor, buffer, 0, buffer.length, size - buffer.length)
      return { text: buffer.toString('latin1', 0, read), uid }
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'EACCES')) return { text: '', uid: undefined }
    throw error
  }
}
