import { createHmac, randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { isErrno } from '../disk/errno.ts'
import type { Paths } from '../home/paths.ts'

/**
 * PINs of the debugger by name of the plugin, as 123-456-789. The same at every start; makes the secret when it is missing.
 * Where it cannot be written nobody is told the PINs, and the debuggers stay closed.
 */
export function debugPins(paths: Paths): (plugin: string) => string {
  let secret: string | undefined
  return (plugin) => {
    secret ??= readSecret(paths) ?? makeSecret(paths)
    return pinOf(plugin, secret)
  }
}

/** Undefined where no app has been debugged yet, and for whoever may not read the secret. */
export function knownDebugPin(plugin: string, paths: Paths): string | undefined {
  const secret = readSecret(paths)
  return secret === undefined ? undefined : pinOf(plugin, secret)
}

function pinOf(plugin: string, secret: string): string {
  const number = createHmac('sha256', secret).update(plugin).digest().readBigUInt64BE() % 1_000_000_000n
  return String(number)
    .padStart(9, '0')
    .replace(/(...)(...)/, '$1-$2-')
}

function readSecret(paths: Paths): string | undefined {
  try {
    return readFileSync(paths.debugSecret, 'utf8').trim()
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'EACCES')) return undefined
    throw error
  }
}

/** The file is complete from the moment it has its name, and of two that make it at once the first one counts. */
function makeSecret(paths: Paths): string {
  const candidate = `${paths.debugSecret}.${process.pid}.tmp`
  const secret = randomBytes(32).toString('hex')
  try {
    mkdirSync(dirname(paths.debugSecret), { recursive: true })
    writeFileSync(candidate, `${secret}\n`, { mode: 0o600 })
    linkSync(candidate, paths.debugSecret)
    return secret
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    return readSecret(paths) ?? secret
  } finally {
    rmSync(candidate, { force: true })
  }
}
