import { readFileSync } from 'node:fs'
import { Problem } from '../../problem.ts'
import { isErrno } from './errno.ts'

/** Undefined when there is no such file. One that is there and cannot be read, or is no text, is added to `problems`. */
export function readText(file: string, problems: Problem[]): string | undefined {
  try {
    const bytes = readFileSync(file)
    if (!isUtf16(bytes)) return bytes.toString('utf8')
    const mend = `Save it as UTF-8, or: iconv -f UTF-16 -t UTF-8 ${file} > new && mv new ${file}`
    problems.push(new Problem('NOT_UTF8', `${file} is not UTF-8 but UTF-16`, mend, { file }))
    return undefined
  } catch (cause) {
    if (!isErrno(cause, 'ENOENT') && !isErrno(cause, 'ENOTDIR')) problems.push(unreadable(file, cause))
    return undefined
  }
}

export function unreadable(file: string, cause: unknown): Problem {
  if (isErrno(cause, 'EISDIR')) {
    return new Problem('DISK', `${file} is a directory`, 'Put a file in its place.', { file }, cause)
  }
  const why = cause instanceof Error ? cause.message : String(cause)
  return new Problem('DISK', `cannot read ${file}: ${why}`, 'Give the user of mfserv the right to read it.', { file }, cause)
}

/** By its mark, or without one because every second byte of what is written in Latin letters is 0. */
function isUtf16(bytes: Buffer): boolean {
  const mark = bytes.subarray(0, 2).toString('hex')
  if (mark === 'fffe' || mark === 'feff') return true
  const zeros = bytes.reduce((count, byte) => (byte === 0 ? count + 1 : count), 0)
  return bytes.length >= 4 && zeros * 3 > bytes.length
}
