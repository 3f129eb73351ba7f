import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { namesIn } from './names-in.ts'

let counter = 0

/**
 * A name beside `path` that no other writer uses, on the same file system so that a rename is atomic. It is hidden: what a
 * killed writer leaves is no entry of the directory.
 */
export function beside(path: string): string {
  counter += 1
  return join(dirname(path), `.${basename(path)}.${process.pid}-${counter}.tmp`)
}

/** The process that writes the file of this name, as `beside` named it; undefined when it is another one. */
export function writerOf(name: string): number | undefined {
  const [, pid] = /^\..+\.(\d+)-\d+\.tmp$/.exec(name) ?? []
  return pid === undefined ? undefined : Number(pid)
}

/** Removes what killed writers of `path` left beside it. Nobody may be writing it now. */
export function removeUnrenamed(path: string): void {
  const prefix = `.${basename(path)}.`
  const isOne = (entry: string): boolean => entry.startsWith(prefix) && /^\d+-\d+\.tmp$/.test(entry.slice(prefix.length))
  for (const entry of namesIn(dirname(path)).filter(isOne)) rmSync(join(dirname(path), entry), { force: true })
}

/** Of the file of a person, outside of what is mfserv's own. The umask takes away what that person does not give. */
export const FOR_EVERYBODY = 0o666
const FOR_US_ALONE = 0o600
const OUR_DIRECTORY = 0o700

/** Replaces a file as a whole: a reader, a crash or a full disk meets the old text or the new one. `durable` survives a power cut. */
export function writeAtomically(path: string, text: string, durability: Durability = 'durable', mode = FOR_US_ALONE): void {
  mkdirSync(dirname(path), { recursive: true, mode: OUR_DIRECTORY })
  const candidate = beside(path)
  try {
    writeWhole(candidate, text, durability, mode)
    renameSync(candidate, path)
  } catch (error) {
    rmSync(candidate, { force: true })
    throw error
  }
}

type Durability = 'durable' | 'volatile'

/**
 * Makes a file as a whole, and durably, in a directory that is there. Nothing is ever replaced: `EEXIST` when there is one,
 * also when another process makes it in the same moment.
 */
export function createAtomically(path: string, text: string, mode: number): void {
  const candidate = beside(path)
  try {
    writeWhole(candidate, text, 'durable', mode)
    linkSync(candidate, path)
  } finally {
    rmSync(candidate, { force: true })
  }
}

function writeWhole(path: string, text: string, durability: Durability, mode: number): void {
  const file = openSync(path, 'w', mode)
  try {
    writeFileSync(file, text)
    if (durability === 'durable') fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Points a symbolic link elsewhere in one step: whoever follows it meets the old target or the new one. */
export function linkAtomically(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: OUR_DIRECTORY })
  const candidate = beside(path)
  symlinkSync(target, candidate)
  try {
    renameSync(candidate, path)
  } catch (error) {
    rmSync(candidate, { force: true })
    throw error
  }
}
