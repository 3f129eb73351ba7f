import { lstatSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { commentedConfig } from '../../config/edit/commented.ts'
import { type Explained, explainKey } from '../../config/edit/explain.ts'
import { type KeyPlace, withKey } from '../../config/edit/set-key.ts'
import { askControl } from '../../control/client.ts'
import type { StatusReport } from '../../control/protocol.ts'
import { writeAtomically } from '../../host/disk/atomic.ts'
import { writeProblem } from '../../host/disk/disk-problem.ts'
import { tryLock } from '../../host/disk/lock.ts'
import { readText } from '../../host/disk/read-text.ts'
import { closeHome } from '../../host/home/close-home.ts'
import type { Paths } from '../../host/home/paths.ts'
import { readHardware } from '../../host/module/hardware.ts'
import { type ReadConfig, readConfig, userConfig } from '../../host/module/read-config.ts'
import { isError, Problem, Problems } from '../../problem.ts'

/** A configuration that was written down, and what became of it. */
export interface Changed {
  readonly file: string
  /** As it reads with the change. */
  readonly read: ReadConfig
  /** Of the daemon, once it has looked at the change; undefined when none runs. */
  readonly report: StatusReport | undefined
}

/** Sets one key in the file of the user. Throws the problems that this would make; nothing is written then. */
export async function setSetting(
  paths: Paths,
  env: NodeJS.ProcessEnv,
  place: KeyPlace,
  value: string,
): Promise<Changed & { readonly explained: Explained }> {
  const file = userConfig(paths)
  const changed = await withConfigLocked(paths, () => {
    const before = textNow(file)
    const text = withKey(before, place, value)
    if (text === undefined) {
      const fix = 'Write it without blanks at its ends, and without a line that is empty or begins with # or ;.'
      throw new Problem('USAGE', `no line of ${file} can hold this value`, fix)
    }
    try {
      return putInPlace(paths, env, file, before, text)
    } catch (error) {
      throw error instanceof Problems ? new Problems(error.all.map((problem) => unplaced(problem, file))) : error
    }
  })
  const { source, config } = changed.read
  const plain = place.key.replace(/\[[^[]*\]$/, '')
  return { ...changed, explained: explainKey({ section: place.section, key: plain }, source.layers, config, source.name) }
}

/** Puts a text that a person has edited in the place of the file. Throws its problems; `before`: what the person began with. */
export function replaceConfig(paths: Paths, env: NodeJS.ProcessEnv, before: string, text: string): Promise<Changed> {
  const file = userConfig(paths)
  return withConfigLocked(paths, () => {
    if (textNow(file) !== before) {
      const fix = 'Edit it again, on top of the other change.'
      throw new Problem('BUSY', `${file} was changed by somebody else meanwhile`, fix, { file })
    }
    return putInPlace(paths, env, file, before, text)
  })
}

/** What the file of the user says; where there is none, what would be generated. */
export function textNow(file: string): string {
  const problems: Problem[] = []
  const text = readText(file, problems)
  if (problems.length > 0) throw new Problems(problems)
  return text ?? commentedConfig()
}

/** The problems of a text in the place of a file of the configuration, all at once. */
export function problemsWith(paths: Paths, env: NodeJS.ProcessEnv, file: string, text: string): ReadConfig {
  return readConfig(paths, readHardware(), env, { instead: new Map([[file, text]]) })
}

async function withConfigLocked(paths: Paths, work: () => Omit<Changed, 'report'>): Promise<Changed> {
  closeHome(paths)
  const lock = tryLock(join(paths.tmp, 'config.lock'))
  if (lock === undefined) {
    throw new Problem('BUSY', 'another command is changing the configuration', 'Wait a moment, and run it again.')
  }
  try {
    const done = work()
    return { ...done, report: await askControl(paths.control, 'POST /look') }
  } finally {
    lock.release()
  }
}

function putInPlace(paths: Paths, env: NodeJS.ProcessEnv, file: string, before: string, text: string): Omit<Changed, 'report'> {
  const read = problemsWith(paths, env, file, text)
  const old = new Set(problemsWith(paths, env, file, before).problems.map(sayingOf))
  const added = read.problems.filter((problem) => isError(problem) && !old.has(sayingOf(problem)))
  if (added.length > 0) throw new Problems(added)
  try {
    // Of a link what it leads to is replaced, and not the link.
    const stat = lstatSync(file, { throwIfNoEntry: false })
    const mode = stat === undefined || stat.isSymbolicLink() ? undefined : stat.mode & 0o777
    writeAtomically(stat?.isSymbolicLink() === true ? realpathSync(file) : file, text, 'durable', mode)
  } catch (error) {
    const fix = 'Give the user of mfserv the right to write it, and make room on its disk.'
    throw writeProblem(error, { what: `${file} could not be written`, fix, file })
  }
  return { file, read }
}

/** The line is not there, because nothing was written. */
function unplaced(problem: Problem, file: string): Problem {
  return problem.where?.file === file ? new Problem(problem.code, problem.message, problem.fix) : problem
}

/** The same mistake in another line is no other one. */
function sayingOf({ code, message }: Problem): string {
  return `${code} ${message}`
}
