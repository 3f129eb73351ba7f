import { createHmac, randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Machine } from '../../desired/environment.ts'
import { isErrno } from '../disk/errno.ts'
import type { Paths } from '../home/paths.ts'

/**
 * PINs of the debugger by name of the plugin, as 123-456-789, and keys of 256 bits. The same at every start; makes the secret
 * when it is missing. Where it cannot be written nobody is told the PINs, and the debuggers stay closed.
 */
export function debugSecrets(paths: Paths): Pick<Machine, 'debugPin' | 'debugKey'> {
  let secret: string | undefined
  const known = (): string => {
    secret ??= readSecret(paths) ?? makeSecret(paths)
    return secret
  }
  return {
    debugPin: (plugin) => pinOf(plugin, known()),
    // A name of a plugin has no blank in it, so no PIN is made of the same text.
    debugKey: (plugin) => createHmac('sha256', known()).update(`cookie ${plugin}`).digest('hex'),
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
