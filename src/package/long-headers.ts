import { Problem, type Where } from '../problem.ts'
import { unsafe } from './entry.ts'

/**
 * The largest header of an extended kind: what pax and GNU write before an entry whose name or target is long. A reader of
 * tars has to hold one in memory as a whole, so it is the one part of an archive that no bound of the files reaches.
 */
const MOST_BYTES = 1 << 20

/** pax for one entry and for all, GNU for a long target and a long name, and an older spelling of that. */
const EXTENDED: ReadonlySet<string> = new Set(['x', 'g', 'K', 'L', 'N'])

/** Sees the bytes of one tar, in pieces of any size, before they are read. */
export interface HeaderWatch {
  /** The problem with the first header in this piece that must not be read. */
  readonly look: (piece: Uint8Array) => Problem | undefined
  /** The same of what is left when there are no more. */
  readonly close: () => Problem | undefined
}

/**
 * Follows a tar from header to header and keeps nothing of what is between them. It goes exactly the way of the reader behind
 * it: whatever the two could take in different ways is refused, and so is all that stands behind the end, where some readers go on
 * and others do not. What is no header at all is left to the reader, which ends there.
 */
export function newHeaderWatch(where: Where): HeaderWatch {
  const block = Buffer.alloc(BLOCK)
  let [filled, ahead, blocks] = [0, 0, 0]
  let ended: number | undefined
  const behindEnd = (end: number): Problem => {
    const place = `byte ${end * BLOCK} of what it unpacks to`
    return unsafe(`${JSON.stringify(nameIn(block))} stands behind the end of the archive, which is at ${place}`, where)
  }
  const look = (piece: Uint8Array): Problem | undefined => {
    for (let at = 0; at < piece.length; ) {
      if (ahead > 0) {
        const passed = Math.min(ahead, piece.length - at)
        ahead -= passed
        at += passed
        continue
      }
      const taken = piece.subarray(at, at + BLOCK - filled)
      block.set(taken, filled)
      filled += taken.length
      at += taken.length
      if (filled < BLOCK) break
      filled = 0
      const zero = isZero(block)
      if (zero) ended ??= blocks
      else if (ended !== undefined) return behindEnd(ended)
      const body = zero ? 0 : bodyOf(block, where)
      if (body instanceof Problem) return body
      ahead = Math.ceil(body / BLOCK) * BLOCK
      blocks += 1 + ahead / BLOCK
    }
    return undefined
  }
  // What came of one more block lies on the last whole one, and behind the end that has only zeros.
  const close = (): Problem | undefined => (ended === undefined || isZero(block) ? undefined : behindEnd(ended))
  return { look, close }
}

const BLOCK = 512

const ZEROS = Buffer.alloc(BLOCK)

function isZero(block: Buffer): boolean {
  return block.equals(ZEROS)
}

/** How many bytes come between this header and the next one, without the padding. */
function bodyOf(block: Buffer, where: Where): number | Problem {
  // The bytes of the sum itself count as spaces.
  const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0)
  if (readNumber(block.subarray(148, 156)) !== sum) return 0
  const type = block.toString('latin1', 156, 157)
  const size = readNumber(block.subarray(124, 136))
  const refuse = (why: string): Problem => unsafe(`${JSON.stringify(nameIn(block))} ${why}`, where)
  if (!Number.isSafeInteger(size) || size < 0) return refuse('has no readable size')
  if (!EXTENDED.has(type)) return type === '5' ? 0 : size
  if (size === 0) return refuse('is an extended header of no bytes')
  return size <= MOST_BYTES ? size : refuse(`is an extended header of ${size} bytes, more than the ${MOST_BYTES} that are read`)
}

/** A number of a header, with all that tar-stream forgives: octal digits, or a number of bytes behind 0x80. */
function readNumber(field: Buffer): number {
  const first = field.readUInt8()
  if (first >= 0x80) return first === 0x80 ? field.subarray(1).reduce((total, byte) => total * 256 + byte, 0) : Number.NaN
  const written = field
    .toString()
    .replace(/^ *\0*/, '')
    .replace(/ .*/s, '')
  return written === '' ? 0 : Number.parseInt(written, 8)
}

function nameIn(block: Buffer): string {
  return block.toString('utf8', 0, 100).replace(/\0.*/s, '')
}
