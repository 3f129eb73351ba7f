/** How much of an archive is read before it is taken for an attack. */
export interface Bounds {
  readonly entries: number
  /** Of all files together, unpacked. */
  readonly bytes: number
  /** Of the archive itself, unpacked: files, headers and padding. */
  readonly stream: number
  /** Of one of the generated files, which are read into memory. */
  readonly text: number
}

const MEGABYTE = 1 << 20
const MOST_BYTES = 16 * 1024 * MEGABYTE
const MOST_ENTRIES = 200_000
/** What compresses well may shrink to a fiftieth; nothing of use shrinks to less than a two hundredth. */
const MOST_RATIO = 200
const LEAST_BYTES = 32 * MEGABYTE

/** The bounds for a file of `size` bytes. */
export function boundsFor(size: number): Bounds {
  const bytes = Math.min(MOST_BYTES, Math.max(LEAST_BYTES, MOST_RATIO * size))
  return { entries: MOST_ENTRIES, bytes, stream: bytes + 64 * MEGABYTE, text: 32 * MEGABYTE }
}

/** What there is of an archive: its entries with the directories on the way, its files, and all of it unpacked. */
export type Amounts = Pick<Bounds, 'entries' | 'bytes' | 'stream'>

/** Why no installation takes an archive of `size` bytes with so much in it; undefined when it does. */
export function beyondBounds({ entries, bytes, stream }: Amounts, size: number): string | undefined {
  const bounds = boundsFor(size)
  if (entries > bounds.entries)
    return `it has ${entries} files and directories, more than the ${bounds.entries} that are installed`
  const over = bytes > bounds.bytes ? [bytes, bounds.bytes] : stream > bounds.stream ? [stream, bounds.stream] : undefined
  return over && `it has ${size} bytes and unpacks to ${over[0]}, more than the ${over[1]} that its size allows`
}
