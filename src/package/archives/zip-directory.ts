/** A file in a zip, as its directory has it: sizes are what it says, not what comes. */
export interface ZipEntry {
  readonly method: 'stored' | 'deflated'
  readonly packedBytes: number
  /** Of its local header. */
  readonly at: number
}

/** The end record and the longest comment behind it. */
export const TAIL_BYTES = 22 + 0xffff
export const LOCAL_HEADER_BYTES = 30

/** Where the directory of a zip is; `why` when it is none, or one that no wheel is. */
export function findDirectory(
  tail: Buffer,
  size: number,
): { readonly at: number; readonly bytes: number; readonly entries: number } | { readonly why: string } {
  for (let end = tail.length - 22; end >= 0; end -= 1) {
    if (tail.readUInt32LE(end) !== 0x06054b50 || end + 22 + tail.readUInt16LE(end + 20) !== tail.length) continue
    const [entries, bytes, at] = [tail.readUInt16LE(end + 10), tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)]
    if (at + bytes !== size - tail.length + end) return { why: 'its directory is not where its end says' }
    return { at, bytes, entries }
  }
  return { why: 'it is no zip file' }
}

/** The files that a directory lists, each as often as it stands there. */
export function readDirectory(directory: Buffer, count: number): readonly ZipEntry[] | { readonly why: string } {
  const entries: ZipEntry[] = []
  let at = 0
  while (at + 46 <= directory.length && directory.readUInt32LE(at) === 0x02014b50) {
    const method = METHODS.get(directory.readUInt16LE(at + 10))
    if (method === undefined) return { why: 'a file in it is packed in a way that is not read here' }
    entries.push({ method, packedBytes: directory.readUInt32LE(at + 20), at: directory.readUInt32LE(at + 42) })
    at += 46 + directory.readUInt16LE(at + 28) + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  }
  return at === directory.length && entries.length === count ? entries : { why: 'its directory is damaged' }
}

/** Where the bytes of a file begin, from its local header; undefined when that is none. */
export function dataOf({ at }: ZipEntry, header: Buffer): number | undefined {
  if (header.length < LOCAL_HEADER_BYTES || header.readUInt32LE(0) !== 0x04034b50) return undefined
  return at + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28)
}

const METHODS: ReadonlyMap<number, ZipEntry['method']> = new Map([
  [0, 'stored'],
  [8, 'deflated'],
])
