import { closeSync, existsSync, fstatSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type AuditLine, auditLine } from '../../log/audit.ts'
import { isErrno } from '../disk/errno.ts'
import { namesIn } from '../disk/names-in.ts'
import { syncPath } from '../disk/sync.ts'
import { bytesOf, linesBack, piecesBack, sizeOf } from './log-bytes.ts'

/** With so many bytes a file is closed; some thousand commands. */
const MOST_BYTES = 1 << 20
/** How many files are kept. */
const MOST_FILES = 10
const NAME = 'trail.jsonl'

/**
 * Adds a line, which survives a power cut once this answers. It is appended and nothing before it is touched: several commands may
 * do so at once. A file that is full is put aside under the time of its end, and the oldest goes.
 */
export function appendAudit(directory: string, line: AuditLine, mostBytes = MOST_BYTES): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const file = join(directory, NAME)
  const isNew = !existsSync(file)
  const opened = openSync(file, 'a', 0o600)
  try {
    // One write, so that lines of two commands are never mixed. A line that a power cut tore ends here.
    const { size } = fstatSync(opened)
    const isTorn = size > 0 && bytesOf(file, size - 1, 1).toString() !== '\n'
    writeSync(opened, `${isTorn ? '\n' : ''}${JSON.stringify(line)}\n`)
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
  if (isNew) syncPath(directory)
  if (sizeOf(file) >= mostBytes) putAside(directory, line.at)
}

/** The lines of the trail, the newest first; files are read as they are asked for. */
export function* auditBack(directory: string): Generator<AuditLine> {
  for (const name of filesOf(directory).toReversed()) {
    const file = join(directory, name)
    for (const text of linesBack(piecesBack(file, sizeOf(file)))) {
      const line = auditLine(text)
      if (line !== undefined) yield line
    }
  }
}

/** Oldest first; the one in use is the last. */
function filesOf(directory: string): readonly string[] {
  const names = namesIn(directory)
  return [...names.filter((name) => name !== NAME && /^\d{13}-\d+\.jsonl$/.test(name)), ...names.filter((name) => name === NAME)]
}

/** Another command may do the same in this moment: then there is nothing to put aside any more. */
function putAside(directory: string, at: number): void {
  const old = filesOf(directory).filter((name) => name !== NAME)
  try {
    renameSync(join(directory, NAME), join(directory, `${at}-${process.pid}.jsonl`))
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return
    throw error
  }
  for (const name of old.slice(0, Math.max(0, old.length + 2 - MOST_FILES))) rmSync(join(directory, name), { force: true })
  syncPath(directory)
}
