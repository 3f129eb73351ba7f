import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { type ElfFacts, type ElfReader, isElf, newElfReader } from '../../../package/elf.ts'
import { mergeNeeds, type Needs, type Platform } from '../../../package/needs.ts'

/** A file that goes into a release. */
export interface SourceFile {
  readonly path: string
  /** In hex. */
  readonly sha256: string
  readonly size: number
  readonly executable: boolean
  /** Of a compiled one. */
  readonly needs: Needs
}

/** Reads a file of the plugin at `home` to its end; it is never in memory as a whole. */
export function readSourceFile(home: string, path: string, here: SourcePlatform): SourceFile {
  const opened = openSync(join(home, path), 'r')
  try {
    const { size, mode } = fstatSync(opened)
    const hash = createHash('sha256')
    const chunk = Buffer.allocUnsafe(Math.min(size, CHUNK))
    let elf: ElfReader | undefined
    for (let at = 0; at < size; ) {
      const read = readSync(opened, chunk, 0, chunk.length, at)
      if (read === 0) break
      const piece = chunk.subarray(0, read)
      if (at === 0 && isElf(piece)) elf = newElfReader()
      elf?.add(piece)
      hash.update(piece)
      at += read
    }
    const needs = elf === undefined ? {} : needsOfElf(path, elf.facts(), here)
    return { path, sha256: hash.digest('hex'), size, executable: (mode & 0o111) !== 0, needs }
  } finally {
    closeSync(opened)
  }
}

const CHUNK = 1 << 20

/** The machine that the release is made on. */
export interface SourcePlatform extends Platform {
  readonly abi: string
}

/**
 * What one compiled file needs. One for another processor is a choice that a package brings for others: it is not needed
 * here, so it is not needed where the release will run.
 */
function needsOfElf(path: string, elf: ElfFacts, { os, arch, abi }: SourcePlatform): Needs {
  if (elf.arch !== arch) return {}
  const platform = { os, arch, ...(elf.glibc === undefined ? {} : { glibc: elf.glibc }) }
  return path.endsWith('.node') && elf.boundToNodeAbi ? { platform, node: { abi } } : { platform }
}

export function needsOfFiles(files: readonly SourceFile[]): Needs {
  return mergeNeeds(files.map(({ needs }) => needs))
}
