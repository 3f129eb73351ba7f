import { closeSync, openSync, readSync, statSync } from 'node:fs'

/** One entry of a log of QEMU's driver `blklogwrites`: what the machine has asked of its disk, in that order. */
export type LoggedWrite =
  /** `to` is its place on the disk; `from` that in the log. */
  | { readonly is: 'write'; readonly to: number; readonly from: number; readonly bytes: number; readonly end: number }
  /** What was written before is on the disk, whatever happens. */
  | { readonly is: 'flush'; readonly end: number }
  /** The machine does not care any more what is there. */
  | { readonly is: 'discard'; readonly end: number }

const [SECTOR, FLUSH, DISCARD] = [512, 1, 4]

/**
 * The format is that of Linux's dm-log-writes: after a sector that is no entry, each entry is a sector with the place, the length and
 * the flags, followed by the data. The machine may have been killed while the last one was written: that was never on the disk.
 */
export function readWriteLog(file: string): readonly LoggedWrite[] {
  const fd = openSync(file, 'r')
  try {
    return entriesOf(statSync(file).size, (at) => {
      const head = Buffer.alloc(32)
      readSync(fd, head, 0, head.length, at)
      return head
    })
  } finally {
    closeSync(fd)
  }
}

export function entriesOf(size: number, headAt: (at: number) => Buffer): readonly LoggedWrite[] {
  const entries: LoggedWrite[] = []
  for (let at = SECTOR; at + SECTOR <= size; ) {
    const head = headAt(at)
    const [to, bytes, flags] = [0, 8, 16].map((field) => Number(head.readBigUInt64LE(field)))
    if (to === undefined || bytes === undefined || flags === undefined) break
    const [isFlush, isDiscard] = [(flags & FLUSH) !== 0, (flags & DISCARD) !== 0]
    if (!isFlush && !isDiscard && bytes === 0) break
    const from = at + SECTOR
    at = from + (isDiscard ? 0 : bytes * SECTOR)
    if (at > size) break
    if (isFlush) entries.push({ is: 'flush', end: at })
    else if (isDiscard) entries.push({ is: 'discard', end: at })
    else entries.push({ is: 'write', to: to * SECTOR, from, bytes: bytes * SECTOR, end: at })
  }
  return entries
}

/**
 * The writes that a disk has after a power cut: all that came before its last flush, and of the rest some, in no order: `random`
 * decides how many, and which.
 */
export function survivors(
  before: readonly LoggedWrite[],
  random: () => number,
): readonly (LoggedWrite & { readonly is: 'write' })[] {
  const flushed = before.findLastIndex(({ is }) => is === 'flush')
  const share = random()
  return before.flatMap((entry, index) => (entry.is === 'write' && (index < flushed || random() < share) ? [entry] : []))
}
