import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { readArchive, type Sink } from './archive-reader.ts'
import { factsOf, type PackageFacts } from './facts.ts'
import { NO_TRUST, type Trust } from './trust.ts'

/**
 * The facts of a release file, without writing anything. The file is read once, to its end, and held to all that an
 * installation holds it to. Throws Problem or Problems.
 */
export async function readPackageFacts(file: string, trust: Trust = NO_TRUST): Promise<PackageFacts> {
  const path = resolve(file)
  return factsOf(path, await readArchive(path, NOWHERE), trust)
}

const NOWHERE: Sink = {
  directory: () => undefined,
  file: () => ({ write: () => undefined, end: () => undefined }),
  link: () => undefined,
}

/** Whether a person who wrote this means a release file, and not the name or the directory of a plugin. */
export function isReleaseFile(written: string): boolean {
  const is = kindOf(written)
  return is === 'absent' ? written.endsWith('.plugin') : is !== 'no file'
}

/** What cannot be looked at is taken for a file: to read it then says why. */
function kindOf(path: string): 'file or unreadable' | 'no file' | 'absent' {
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) return 'absent'
    return stat.isFile() ? 'file or unreadable' : 'no file'
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return 'file or unreadable'
    throw error
  }
}
