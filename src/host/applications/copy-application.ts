import { constants, copyFileSync, lstatSync, mkdirSync, opendirSync, readlinkSync, symlinkSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Problem } from '../../problem.ts'

/** What was not copied, relative to the application, and why. */
export interface LeftOut {
  readonly path: string
  readonly why: string
}

const MOST_ENTRIES = 200_000
const MOST_BYTES = 4 * 2 ** 30
/** What is made again where the copy is built, and what is only for the place where it was. */
const NOT_COPIED: ReadonlySet<string> = new Set(['node_modules', '__pycache__', '.venv', 'venv', '.git', '.hg', '.svn', 'local'])

/**
 * Copies the application in `from` into the directory `to`, which is there. A link is copied where it stays inside. Throws
 * ADOPT_REFUSED when it is too large, and what the system says.
 */
export function copyApplication(from: string, to: string): readonly LeftOut[] {
  const leftOut: LeftOut[] = []
  const left = { entries: MOST_ENTRIES, bytes: MOST_BYTES }
  const visit = (directory: string): void => {
    for (const name of namesOf(join(from, directory), left, from)) {
      const path = directory === '' ? name : `${directory}/${name}`
      if (NOT_COPIED.has(name)) continue
      const [source, target] = [join(from, path), join(to, path)]
      const stat = lstatSync(source)
      if (stat.isDirectory()) {
        mkdirSync(target)
        visit(path)
      } else if (stat.isFile()) {
        left.bytes -= stat.size
        if (left.bytes < 0) throw tooLarge(from, `more than ${MOST_BYTES / 2 ** 30} GiB`)
        copyFileSync(source, target, constants.COPYFILE_FICLONE)
      } else if (stat.isSymbolicLink() && staysInside(from, path, readlinkSync(source))) symlinkSync(readlinkSync(source), target)
      else leftOut.push({ path, why: stat.isSymbolicLink() ? 'it is a link that leads out of the application' : 'it is no file' })
    }
  }
  visit('')
  return leftOut
}

function namesOf(directory: string, left: { entries: number }, from: string): readonly string[] {
  const names: string[] = []
  const opened = opendirSync(directory)
  try {
    for (let entry = opened.readSync(); entry !== null; entry = opened.readSync()) {
      left.entries -= 1
      if (left.entries < 0) throw tooLarge(from, `more than ${MOST_ENTRIES} files`)
      names.push(entry.name)
    }
  } finally {
    opened.closeSync()
  }
  return names.sort()
}

function tooLarge(from: string, what: string): Problem {
  const fix = `Make a plugin of it where it is: mfserv adopt ${from}`
  return new Problem('ADOPT_REFUSED', `the application has ${what}, too much to copy`, fix, { file: from })
}

function staysInside(from: string, path: string, target: string): boolean {
  return !target.startsWith('/') && `${resolve(from, dirname(path), target)}/`.startsWith(`${from}/`)
}
