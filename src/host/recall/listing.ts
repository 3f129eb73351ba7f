import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isErrno } from '../disk/errno.ts'
import { stampsOf } from '../disk/stamps.ts'
import { MFSERV_HOME } from '../home/paths.ts'

/** What a listing says of a plugin that reads, and the files with which it did. */
export interface Facts {
  readonly version: string
  readonly release: string
  /** Relative to the plugin. */
  readonly files: readonly string[]
  /** Of those files, and of the reader itself. */
  readonly stamps: string
}

/** By the place of the plugin, see `keyOf`. */
export type Memory = Readonly<Record<string, Facts>>

/** Empty when there is none, or none that this version can read. */
export function readMemory(file: string): Memory {
  try {
    const memory: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isMemory(memory) ? memory : {}
  } catch (error) {
    if (error instanceof SyntaxError || isErrno(error, 'ENOENT') || isErrno(error, 'EACCES')) return {}
    throw error
  }
}

/** What is remembered of a plugin, unless a file has changed since. */
export function recall(memory: Memory, name: string, home: string): Facts | undefined {
  const facts = memory[keyOf(name, home)]
  return facts !== undefined && facts.stamps === stampsIn(home, facts.files) ? facts : undefined
}

/** The name is part of it, because a plugin is wrong under another name than its label's. */
export function keyOf(name: string, home: string): string {
  return `${name} ${home}`
}

export function stampsIn(home: string, files: readonly string[]): string {
  return stampsOf([...files.map((file) => join(home, file)), ...READER])
}

/** They change with the version of mfserv, and with a checkout of its sources. */
const READER = [join(MFSERV_HOME, 'package.json'), join(MFSERV_HOME, 'src/plugin')]

function isMemory(value: unknown): value is Memory {
  const isFacts = (facts: unknown): boolean =>
    typeof facts === 'object' && facts !== null && ['version', 'release', 'files', 'stamps'].every((key) => key in facts)
  return typeof value === 'object' && value !== null && Object.values(value).every(isFacts)
}
