import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { isErrno } from '../disk/errno.ts'

/** A line that is longer is taken as several. */
export const MOST_LINE_BYTES = 1 << 20
const NEWLINE = 0x0a

export function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

/** Fewer than `length` at the end of the file, none when there is no file. */
export function bytesOf(file: string, offset: number, length: number): Buffer {
  if (length <= 0) return Buffer.alloc(0)
  try {
    const opened = openSync(file, 'r')
    try {
      const bytes = Buffer.alloc(Math.max(0, Math.min(length, fstatSync(opened).size - offset)))
      return bytes.subarray(0, readSync(opened, bytes, 0, bytes.length, offset))
    } finally {
      closeSync(opened)
    }
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return Buffer.alloc(0)
    throw error
  }
}

/** The lines in pieces of a file that come one after the other; the beginning of a line waits for its end. */
export class LineSplitter {
  #rest: Buffer = Buffer.alloc(0)

  take(piece: Buffer): readonly string[] {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece])
    const end = bytes.lastIndexOf(NEWLINE) + 1
    if (end === 0 && bytes.length > MOST_LINE_BYTES) {
      this.#rest = Buffer.alloc(0)
      return [bytes.toString('utf8')]
    }
    this.#rest = bytes.subarray(end)
    return end === 0 ? [] : bytes.toString('utf8', 0, end - 1).split('\n')
  }

  /** The last line, if it has no end. */
  flush(): readonly string[] {
    const rest = this.#rest
    this.#rest = Buffer.alloc(0)
    return rest.length === 0 ? [] : [rest.toString('utf8')]
  }
}

const PIECE_BYTES = 256 << 10

/** The bytes of a file before `end` in pieces, the last one first; none is read before it is asked for. */
export function* piecesBack(file: string, end: number): Generator<Buffer> {
  for (let at = end; at > 0; ) {
    const from = Math.max(0, at - PIECE_BYTES)
    yield bytesOf(file, from, at - from)
    at = from
  }
}

/** The lines in pieces that come one before the other, the last line first. */
export function* linesBack(pieces: Iterable<Buffer>): Generator<string> {
  let rest: Buffer = Buffer.alloc(0)
  for (const piece of pieces) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([piece, rest])
    const isTooLong = bytes.length > MOST_LINE_BYTES + PIECE_BYTES
    const first = isTooLong ? 0 : bytes.indexOf(NEWLINE) + 1
    if (first === 0 && !isTooLong) {
      rest = bytes
      continue
    }
    rest = bytes.subarray(0, first)
    yield* linesIn(bytes.toString('utf8', first))
  }
  yield* linesIn(rest.toString('utf8'))
}

function linesIn(text: string): readonly string[] {
  if (text === '') return []
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n').reverse()
}
