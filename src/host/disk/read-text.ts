import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { Problem } from '../../problem.ts'
import { isErrno } from './errno.ts'

/** Undefined when there is no such file. One that is there and cannot be read, or is no text, is added to `problems`. */
export function readText(file: string, problems: Problem[]): string | undefined {
  try {
    const bytes = readPlain(file, problems)
    if (bytes === undefined) return undefined
    if (!isUtf16(bytes)) return bytes.toString('utf8')
    const fix = `Save it as UTF-8, or: iconv -f UTF-16 -t UTF-8 ${file} > new && mv new ${file}`
    problems.push(new Problem('NOT_UTF8', `${file} is not UTF-8 but UTF-16`, fix, { file }))
    return undefined
  } catch (cause) {
    if (!isErrno(cause, 'ENOENT') && !isErrno(cause, 'ENOTDIR')) problems.push(unreadable(file, cause))
    return undefined
  }
}

/** Of what is read into memory as a whole. */
const MOST_BYTES = 8 << 20

/** Only of a plain file: a pipe would keep the reader waiting for ever, and a device has no end. */
function readPlain(file: string, problems: Problem[]): Buffer | undefined {
  const opened = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(opened)
    if (!stat.isFile() && !stat.isDirectory()) {
      problems.push(new Problem('DISK', `${file} is no plain file`, 'Put a file in its place.', { file }))
      return undefined
    }
    if (stat.size > MOST_BYTES) {
      const fix = 'Put a text in its place, and what is data into another file of the plugin.'
      problems.push(
        new Problem('TOO_LARGE', `${file} has ${stat.size} bytes, more than the ${MOST_BYTES} that are read`, fix, { file }),
      )
      return undefined
    }
    return readFileSync(opened)
  } finally {
    closeSync(opened)
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
  let zeros = 0
  for (let at = bytes.indexOf(0); at >= 0; at = bytes.indexOf(0, at + 1)) zeros += 1
  return bytes.length >= 4 && zeros * 3 > bytes.length
}
