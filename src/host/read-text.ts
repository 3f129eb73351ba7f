import { readFileSync } from 'node:fs'
import { Problem } from '../problem.ts'
import { isErrno } from './proc.ts'

/** Undefined when there is no such file. One that is there and cannot be read is added to `problems`. */
export function readText(file: string, problems: Problem[]): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    if (!isErrno(cause, 'ENOENT') && !isErrno(cause, 'ENOTDIR')) problems.push(unreadable(file, cause))
    return undefined
  }
}

export function unreadable(file: string, cause: unknown): Problem {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new Problem('DISK', `cannot read ${file}: ${why}`, 'Give the user of mfserv the right to read it.', { file }, cause)
}
