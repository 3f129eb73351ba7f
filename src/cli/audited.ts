import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { isSystemError } from '../host/disk/errno.ts'
import { type Paths, pathsOf, runtimeHome } from '../host/home/paths.ts'
import { appendAudit } from '../host/logs/audit-trail.ts'
import { callerOf } from '../host/process/caller.ts'
import { now } from '../host/process/clock.ts'
import { type AuditLine, type Begun, withoutSecrets } from '../log/audit.ts'
import { Problem, Problems } from '../problem.ts'
import type { CommandEntry } from './command.ts'
import { progress, type Result } from './output.ts'
import type { Options } from './words/parse.ts'

/** Whether this call changes something of what is served, so that it is kept who asked for it. */
export function changesSomething({ changes }: CommandEntry, options: Options): boolean {
  if (changes === undefined || options['dryRun'] === true) return false
  return changes === true || options[changes.slice(2)] !== undefined
}

/** Calls a command, and keeps in the trail that it began and what came of it, also when it is refused. */
export async function audited(
  command: string,
  words: readonly string[],
  call: () => Promise<Result | undefined>,
): Promise<Result | undefined> {
  const paths = placeOfTrail()
  if (paths === undefined) return await call()
  const begun: Begun = {
    is: 'begun',
    id: randomUUID(),
    at: now(),
    command,
    words: withoutSecrets(words),
    directory: process.cwd(),
    pid: process.pid,
    by: callerOf(),
  }
  const isBegun = write(paths, begun)
  const end = (ended: { readonly exitCode: number; readonly problems: readonly string[]; readonly plugin?: string }): void => {
    const outcome = ended.exitCode === 0 ? 'ok' : 'failed'
    if (isBegun || write(paths, begun)) write(paths, { is: 'ended', id: begun.id, at: now(), outcome, ...ended })
  }
  try {
    const result = await call()
    const plugin = pluginIn(result?.data)
    end({ exitCode: result?.exitCode ?? 0, problems: [], ...(plugin === undefined ? {} : { plugin }) })
    return result
  } catch (error) {
    end({ exitCode: 1, problems: codesOf(error) })
    throw error
  }
}

/** Undefined where no runtime home can be: the command says why. */
function placeOfTrail(): Paths | undefined {
  try {
    return pathsOf(runtimeHome())
  } catch (error) {
    if (error instanceof Problem) return undefined
    throw error
  }
}

/** Answers whether it was written. A home that the command is yet to make has no trail, and a full disk keeps nobody from acting. */
function write(paths: Paths, line: AuditLine): boolean {
  if (!existsSync(paths.runtimeHome)) return false
  try {
    appendAudit(paths.audit, line)
    return true
  } catch (error) {
    if (!isSystemError(error)) throw error
    progress(`This command is missing in the audit trail: ${error.message}`)
    return false
  }
}

function codesOf(error: unknown): readonly string[] {
  if (error instanceof Problems) return error.all.map(({ code }) => code)
  if (error instanceof Problem) return [error.code]
  return [isSystemError(error) ? 'DISK' : 'FAULT']
}

/** Commands about one plugin answer its name. */
function pluginIn(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const name = 'plugin' in data ? data.plugin : 'name' in data ? data.name : undefined
  return typeof name === 'string' ? name : undefined
}
