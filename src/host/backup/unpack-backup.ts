import { closeSync, fchmodSync, futimesSync, mkdirSync, openSync, symlinkSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Manifest } from '../../backup/manifest.ts'
import { writeProblem } from '../disk/disk-problem.ts'
import { readBackup, type Sink } from './read-backup.ts'

/** Unpacks a backup into a directory that is empty. Nothing is followed: every file is new, and links come last. */
export async function unpackBackup(file: string, directory: string): Promise<Manifest> {
  try {
    return await readBackup(file, into(directory))
  } catch (error) {
    const fix = 'Nothing was changed. Make room on the disk, and give the user of mfserv the right to write there.'
    throw writeProblem(error, { what: 'the backup could not be unpacked', fix, file: directory })
  }
}

function into(root: string): Sink {
  const make = (path: string): void => {
    mkdirSync(join(root, path), { recursive: true, mode: 0o700 })
  }
  return {
    directory: make,
    file: (path, { executable, mtime }) => {
      make(dirname(path))
      const opened = openSync(join(root, path), 'wx', 0o600)
      return {
        write: (chunk) => {
          for (let written = 0; written < chunk.byteLength; ) written += writeSync(opened, chunk, written)
        },
        end: () => {
          fchmodSync(opened, executable ? 0o700 : 0o600)
          futimesSync(opened, mtime, mtime)
          closeSync(opened)
        },
      }
    },
    link: (path, target) => {
      make(dirname(path))
      symlinkSync(target, join(root, path))
    },
  }
}
