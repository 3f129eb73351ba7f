import { lstatSync, mkdirSync, realpathSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { type Adoption, adoption, nameFor } from '../../adopt/adoption.ts'
import { copyApplication } from '../../host/applications/copy-application.ts'
import { readApplication } from '../../host/applications/read-application.ts'
import { systemProblem, unwritable } from '../../host/disk/disk-problem.ts'
import { Problem, Problems } from '../../problem.ts'
import { existing, readTemplateSources, writeWhole } from './new-plugin.ts'

export interface AdoptWishes {
  /** The directory of the application, as it was written. */
  readonly directory: string
  readonly name: string | undefined
  readonly type: string | undefined
}

/** An application, and what makes it a plugin. Nothing is written yet. */
export interface Planned {
  readonly home: string
  readonly adoption: Adoption
}

/** Looks at the application, and runs nothing of it. Throws Problems that say why it cannot be adopted. */
export function planAdoption({ directory, name, type }: AdoptWishes): Planned {
  const home = directoryOf(directory)
  const { tree, isCut, unreadable } = readable(home)
  const wishes = {
    directory: home,
    name: name ?? nameFor(basename(home)),
    type,
    nameFrom: name === undefined ? 'directory' : 'person',
  } as const
  const decided = adoption(tree, wishes, readTemplateSources())
  if (!('files' in decided)) throw new Problems(decided)
  const notes = [
    ...decided.notes,
    ...(isCut ? ['It has more files than were looked at; those near its top were.'] : []),
    ...(unreadable.length > 0 ? [`Not looked at, since it may not be read: ${unreadable.slice(0, 5).join(', ')}`] : []),
  ]
  return { home, adoption: { ...decided, notes } }
}

/** Writes the files beside those of the application, all of them or none. Throws DISK or ADOPT_REFUSED. */
export function adoptInPlace({ home, adoption: { files } }: Planned): void {
  const made: (() => void)[] = []
  try {
    for (const { path, text, mode } of files) {
      makeDirectory(home, dirname(path), made)
      const file = join(home, path)
      writeFileSync(file, text, { flag: 'wx', mode })
      made.push(() => rmSync(file))
    }
  } catch (error) {
    for (const undo of made.reverse()) undo()
    throw error instanceof Problem ? error : (systemProblem(error, home) ?? unwritable(error, join(home, 'config.ini')))
  }
}

/** Copies the application into the new directory `to`, and makes a plugin of the copy. It is there as a whole or not at all. */
export function adoptCopy({ home, adoption: { files } }: Planned, to: string): readonly string[] {
  const taken = existing(to)
  if (taken !== undefined) throw taken
  if (`${realpathSync(dirname(to))}/`.startsWith(`${home}/`)) {
    const fix = `Run it in another directory, or make a plugin of it where it is: mfserv adopt ${home}`
    throw new Problem('USAGE', `${to} would be inside of the application that is copied`, fix, { file: home })
  }
  let notes: readonly string[] = []
  writeWhole(to, files, (candidate) => {
    notes = copyApplication(home, candidate).map(({ path, why }) => `Not copied: ${path}, since ${why}.`)
  })
  return notes
}

function directoryOf(written: string): string {
  const path = resolve(written)
  const stat = written === '' ? undefined : statOf(path)
  if (stat?.isDirectory() === true) return realpathSync(path)
  const why = stat === undefined ? 'is not there' : 'is no directory'
  throw new Problem(
    'USAGE',
    `${written === '' ? 'the path of the application' : path} ${why}`,
    'Give the directory of the application.',
    { file: path },
  )
}

function statOf(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    throw systemProblem(error, path) ?? error
  }
}

function readable(home: string): ReturnType<typeof readApplication> {
  try {
    return readApplication(home)
  } catch (error) {
    throw systemProblem(error, home) ?? error
  }
}

/** Through directories of the application alone: a link in it may lead anywhere. */
function makeDirectory(home: string, directory: string, made: (() => void)[]): void {
  if (directory === '.') return
  makeDirectory(home, dirname(directory), made)
  const path = join(home, directory)
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat?.isDirectory() === true) return
  if (stat !== undefined)
    throw new Problem('ADOPT_REFUSED', `${directory} is in the way`, 'Rename it: a directory of that name is needed.', {
      file: path,
    })
  mkdirSync(path)
  made.push(() => rmdirSync(path))
}
