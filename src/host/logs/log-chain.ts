import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { type Source, sourceOf } from '../../log/source.ts'
import type { LocalTime } from '../../log/stamp.ts'
import type { Millis } from '../../time.ts'
import { namesIn } from '../disk/names-in.ts'
import { isCopyOf } from './log-rotation.ts'

/** One log: the file in use, and its rotated copies. */
export interface LogFiles {
  readonly directory: string
  readonly name: string
}

export interface LogChain extends LogFiles {
  readonly source: Source
}

/** The logs of a directory, those of which only copies are left included. What is no file is nobody's log. */
export function chainsIn(directory: string): readonly LogChain[] {
  const names = new Set(namesIn(directory).map((name) => name.replace(/\.\d{14}$/, '')))
  return [...names].sort().flatMap((name) => {
    const source = sourceOf(name)
    return source === undefined || !isLog(join(directory, name)) ? [] : [{ directory, name, source }]
  })
}

function isLog(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isFile() !== false
}

export function fileOf({ directory, name }: LogFiles): string {
  return join(directory, name)
}

/** Its rotated copies, oldest first. */
export function copiesOf({ directory, name }: LogFiles): readonly string[] {
  return namesIn(directory)
    .filter((other) => isCopyOf(name, other))
    .sort()
    .map((copy) => join(directory, copy))
}

/** When something was last written to a file; undefined when there is none. */
export function writtenAt(file: string): Millis | undefined {
  const stat = lstatSync(file, { throwIfNoEntry: false })
  return stat === undefined ? undefined : (Math.round(stat.mtimeMs) as Millis)
}

/** The clock of this machine. */
export const localTime: LocalTime = ([year, month, ...rest]) => new Date(year, month - 1, ...rest).getTime() as Millis
