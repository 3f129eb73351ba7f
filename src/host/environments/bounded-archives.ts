import { closeSync, createReadStream, fstatSync, openSync, type ReadStream, readSync } from 'node:fs'
import { basename } from 'node:path'
import { createGunzip, createInflateRaw, inflateRawSync } from 'node:zlib'
import {
  dataOf,
  findDirectory,
  LOCAL_HEADER_BYTES,
  readDirectory,
  TAIL_BYTES,
  type ZipEntry,
} from '../../package/archives/zip-directory.ts'
import { type Bounds, boundsFor } from '../../package/bounds.ts'
import { Problem } from '../../problem.ts'
import { isErrno } from '../disk/errno.ts'

/** What is unpacked in memory at once: a thousand times as much may come out. */
const AT_ONCE = 64 << 10

/**
 * Why a wheel, or a package as source, is not unpacked: more comes out of it than its size allows. Each file in it is unpacked here,
 * into nothing, because a size that stands in an archive may be a lie. Undefined when it may be installed.
 */
export async function archiveProblem(file: string, fix: string): Promise<Problem | undefined> {
  const why = await whyNot(file)
  return why === undefined ? undefined : new Problem('RELEASE_UNSAFE', `${basename(file)}: ${why}`, fix, { file })
}

async function whyNot(file: string): Promise<string | undefined> {
  if (/\.(whl|zip)$/.test(file)) return await zipFault(file)
  if (/\.(tar\.gz|tgz)$/.test(file)) return await gzipFault(file)
  // What no pip takes for a package is not unpacked.
  return /\.(tar|tar\.\w+|egg)$/.test(file) ? 'it is packed in a way that is not read here' : undefined
}

async function zipFault(file: string): Promise<string | undefined> {
  const opened = openSync(file, 'r')
  try {
    const { size } = fstatSync(opened)
    const bounds = boundsFor(size)
    const found = findDirectory(read(opened, Math.max(0, size - TAIL_BYTES), Math.min(size, TAIL_BYTES)), size)
    if ('why' in found) return found.why
    const entries = readDirectory(read(opened, found.at, found.bytes), found.entries)
    if ('why' in entries) return entries.why
    let bytes = 0
    for (const entry of entries) {
      bytes += await unpackedBytes(opened, file, entry, bounds.bytes - bytes)
      if (bytes > bounds.bytes) return tooMuch(bounds)
    }
    return undefined
  } catch (error) {
    return packingFault(error)
  } finally {
    closeSync(opened)
  }
}

/** How many bytes come out of one file, or more than `most`. */
async function unpackedBytes(opened: number, file: string, entry: ZipEntry, most: number): Promise<number> {
  const { packedBytes, method } = entry
  if (method === 'stored') return packedBytes
  const start = dataOf(entry, read(opened, entry.at, LOCAL_HEADER_BYTES))
  if (start === undefined) throw new Unreadable('a file in it is not where its directory says')
  if (packedBytes <= AT_ONCE) return inflateRawSync(read(opened, start, packedBytes)).length
  const packed = createReadStream(file, { start, end: start + packedBytes - 1 })
  return await counted(packed, createInflateRaw(), most)
}

async function gzipFault(file: string): Promise<string | undefined> {
  const opened = openSync(file, 'r')
  const { size } = fstatSync(opened)
  closeSync(opened)
  const bounds = boundsFor(size)
  try {
    return (await counted(createReadStream(file), createGunzip(), bounds.stream)) > bounds.stream ? tooMuch(bounds) : undefined
  } catch (error) {
    return packingFault(error)
  }
}

/** Stops as soon as it is too much. */
async function counted(packed: ReadStream, unpack: ReturnType<typeof createGunzip>, most: number): Promise<number> {
  let bytes = 0
  packed.on('error', (error) => unpack.destroy(error))
  try {
    for await (const chunk of packed.pipe(unpack) as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > most) break
    }
    return bytes
  } finally {
    packed.destroy()
  }
}

function tooMuch({ bytes }: Bounds): string {
  return `it unpacks to more than the ${bytes} bytes that its size allows`
}

class Unreadable extends Error {}

/** zlib says with plain errors that what it reads is not right; what the system says passes through. */
function packingFault(error: unknown): string {
  const isOfZlib = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
  if (error instanceof Unreadable || isOfZlib || isErrno(error, 'ERR_BUFFER_TOO_LARGE'))
    return `it is damaged: ${(error as Error).message}`
  throw error
}

function read(opened: number, at: number, count: number): Buffer {
  const bytes = Buffer.alloc(count)
  return bytes.subarray(0, readSync(opened, bytes, 0, count, at))
}
