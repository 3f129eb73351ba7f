import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { logName } from '../../desired/slot.ts'
import type { App } from '../../plugin/plugin.ts'
import { RUNTIMES } from '../../runtime/runtime.ts'
import { isErrno } from '../disk/errno.ts'
import type { Paths } from '../home/paths.ts'
import { knownDebugPin } from '../module/debug-pin.ts'
import { loopbackListener } from '../process/connections.ts'

/** How a person gets into an app with debug=1: the PIN that the page in the browser asks for, or the URL of an inspector. */
export interface Debugger {
  readonly pin: string | undefined
  readonly url: string | undefined
}

/** Undefined where there is none: another language, or no worker of Node that runs. */
export function debuggerOf(plugin: string, { name, type }: App, paths: Paths): Debugger | undefined {
  const { language } = RUNTIMES[type]
  if (language === 'node') {
    const url = inspectorUrl(join(paths.log, logName('app', plugin, name)))
    return url === undefined ? undefined : { pin: undefined, url }
  }
  if (language !== 'python3' && language !== 'python2') return undefined
  const pin = knownDebugPin(plugin, paths)
  return pin === undefined ? undefined : { pin, url: undefined }
}

const LAST_BYTES = 1 << 20

/**
 * The newest inspector that the log of a worker names, if the user whose log it is still listens there. It is not asked: to
 * everybody who does not know its URL it says nothing, and to who does it says that a debugger is attached.
 */
function inspectorUrl(log: string): string | undefined {
  const { text, uid } = endOf(log)
  const named = [...text.matchAll(/^Debugger listening on (ws:\/\/127\.0\.0\.1:(\d+)\/[\w-]+)$/gm)].at(-1)
  return named !== undefined && loopbackListener(Number(named[2])) === uid ? named[1] : undefined
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
