import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

let counter = 0

/** A name beside `path` that no other writer uses, on the same file system so that a rename is atomic. */
export function beside(path: string): string {
  counter += 1
  return `${path}.${process.pid}-${counter}.tmp`
}

/** Replaces a file as a whole: a reader, a crash or a full disk meets the old text or the new one. `durable` survives a power cut. */
export function writeAtomically(path: string, text: string, durability: 'durable' | 'volatile' = 'durable'): void {
  mkdirSync(dirname(path), { recursive: true })
  const candidate = beside(path)
  try {
    const file = openSync(candidate, 'w', 0o644)
    try {
      writeFileSync(file, text)
      if (durability === 'durable') fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(candidate, path)
  } catch (error) {
    rmSync(candidate, { force: true })
    throw error
  }
}

/** Points a symbolic link elsewhere in one step: whoever follows it meets the old target or the new one. */
export function linkAtomically(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  const candidate = beside(path)
  symlinkSync(target, candidate)
  try {
    renameSync(candidate, path)
  } catch (error) {
    rmSync(candidate, { force: true })
    throw error
  }
}
