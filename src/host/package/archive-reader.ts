import { createHash, type Hash } from 'node:crypto'
import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { extract, type Headers } from 'tar-stream'
import { type Bounds, boundsFor } from '../../package/bounds.ts'
import { newGate, type SafeEntry, unsafe } from '../../package/entry.ts'
import { GENERATED, LABEL } from '../../package/generated.ts'
import { newHeaderWatch } from '../../package/long-headers.ts'
import { damaged } from '../../package/metadata.ts'
import type { Unpacked, UnpackedFile } from '../../package/verify.ts'
import { Problem, Problems, type Where } from '../../problem.ts'
import { unpackOne } from './one-gzip.ts'

/** What becomes of the entries while they are read. Each is safe; directories and links come when all files are there. */
export interface Sink {
  readonly directory: (path: string) => void
  readonly file: (path: string, executable: boolean) => FileSink
  readonly link: (path: string, target: string) => void
}

export interface FileSink {
  readonly write: (chunk: Uint8Array) => void
  readonly end: () => void
}

/** All that one reading of an archive tells. */
export interface Archive extends Unpacked {
  /** Of the file, in hex. */
  readonly sha256: string
  /** Of the file, in bytes. */
  readonly size: number
  /** Of the generated files and the label. */
  readonly texts: ReadonlyMap<string, string>
}

/**
 * Reads an archive from its beginning to its end, once, and gives its entries to `sink`. Nothing is believed: the first
 * entry that is not safe, a bomb, and a damaged file end it. Throws Problems; what the sink throws passes through.
 */
export async function readArchive(file: string, sink: Sink): Promise<Archive> {
  const where = { file }
  const size = sizeOf(file)
  const bounds = boundsFor(size)
  const whole = createHash('sha256')
  const tar = extract()
  const feeding = pipeline(
    unpackOne(hashed(file, whole), where, CHUNK),
    (chunks: AsyncIterable<Buffer>) => bounded(chunks, bounds, where),
    tar,
  )
  const fed = feeding.catch((error: unknown) => error)
  try {
    const { texts, ...unpacked } = await readEntries(tar, bounds, sink, where)
    const error = await fed
    if (error !== undefined) throw error
    return { sha256: whole.digest('hex'), size, texts, ...unpacked }
  } catch (error) {
    tar.destroy()
    const first = await fed
    throw asProblem([error, first].find(tellsWhy) ?? error, where)
  }
}

const CHUNK = 1 << 18

function sizeOf(file: string): number {
  try {
    return checkedSize(file)
  } catch (error) {
    throw unreadable(error, file)
  }
}

/** The size of a file that may be a release at all. */
function checkedSize(file: string): number {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat === undefined) throw new Problem('USAGE', `there is no file ${file}`, 'Give the path of a .plugin file.')
  if (!stat.isFile()) throw new Problem('USAGE', `${file} is not a file`, 'Give the path of a .plugin file.')
  const magic = Buffer.alloc(4)
  const opened = openSync(file, 'r')
  try {
    readSync(opened, magic)
  } finally {
    closeSync(opened)
  }
  if (magic.toString('hex') === RPM_MAGIC) throw rpm(file)
  if (magic.readUInt16BE() !== GZIP_MAGIC)
    throw damaged('it is no release of a plugin: it does not begin as a gzip file', { file })
  return stat.size
}

const RPM_MAGIC = 'edabeedb'
const GZIP_MAGIC = 0x1f8b

function rpm(file: string): Problem {
  const fix = [
    'Make it again from its sources with this mfserv: in their directory, run "make release" and install the file that it makes.',
    'Without the sources, take them out of the package first: rpm2cpio FILE | cpio -id',
  ].join('\n')
  return new Problem('RELEASE_DAMAGED', 'it is an RPM, a release of MFSERV 0.9, which cannot be installed here', fix, { file })
}

async function* hashed(file: string, hash: Hash): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: CHUNK })) {
      hash.update(chunk)
      yield chunk
    }
  } catch (error) {
    throw unreadable(error, file)
  }
}

/** What the system says of a file that it does not let us read; any other error as it is. */
function unreadable(error: unknown, file: string): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error
  const fix = `Give a .plugin file that the user of mfserv may read. What it is now: ls -l ${file}`
  return new Problem('DISK', `it could not be read: ${error.message}`, fix, { file }, error)
}

async function* bounded(chunks: AsyncIterable<Buffer>, bounds: Bounds, where: Where): AsyncGenerator<Buffer> {
  const watch = newHeaderWatch(where)
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.byteLength
    if (bytes > bounds.stream) throw unsafe(`it unpacks to more than the ${bounds.stream} bytes that its size allows`, where)
    const refused = watch.look(chunk)
    if (refused !== undefined) throw refused
    yield chunk
  }
  const left = watch.close()
  if (left !== undefined) throw left
}

async function readEntries(tar: ReturnType<typeof extract>, bounds: Bounds, sink: Sink, where: Where) {
  const gate = newGate(bounds, where)
  const files = new Map<string, UnpackedFile>()
  const links = new Map<string, string>()
  const directories = new Set<string>()
  const texts = new Map<string, string>()
  for await (const stream of tar) {
    const { name, type, mode = 0, size = 0, linkname } = stream.header
    if (hasSizeInPax(stream.header)) throw unsafe(`${JSON.stringify(name)} has a second size, in an extended header`, where)
    const entry = gate.admit({ name, type: type ?? undefined, mode, size, target: linkname ?? undefined })
    if (entry instanceof Problem) throw entry
    if (entry.is === 'directory') directories.add(entry.path)
    if (entry.is === 'link') links.set(entry.path, entry.target)
    if (entry.is !== 'file') stream.resume()
    else files.set(entry.path, await readFile(entry, stream, { bounds, sink, texts, where }))
  }
  const stray = gate.close()
  if (stray.length > 0) throw new Problems(stray)
  for (const path of directories) sink.directory(path)
  for (const [path, target] of links) sink.link(path, target)
  return { files, links, directories, texts }
}

/** tar-stream goes on by that size, and who watches the headers before it goes on by the other one. */
function hasSizeInPax(header: Headers): boolean {
  const pax: unknown = 'pax' in header ? header.pax : undefined
  return typeof pax === 'object' && pax !== null && 'size' in pax
}

interface FilePlace {
  readonly bounds: Bounds
  readonly sink: Sink
  readonly texts: Map<string, string>
  readonly where: Where
}

async function readFile(
  { path, size, executable }: SafeEntry & { readonly is: 'file' },
  chunks: AsyncIterable<Buffer>,
  { bounds, sink, texts, where }: FilePlace,
): Promise<UnpackedFile> {
  const isKept = GENERATED.includes(path) || path === LABEL
  if (isKept && size > bounds.text) throw damaged(`${path} in it has ${size} bytes`, where)
  const hash = createHash('sha256')
  const kept: Buffer[] = []
  const target = sink.file(path, executable)
  try {
    for await (const chunk of chunks) {
      hash.update(chunk)
      if (isKept) kept.push(chunk)
      target.write(chunk)
    }
  } finally {
    target.end()
  }
  if (isKept) texts.set(path, utf8(Buffer.concat(kept), path, where))
  return { sha256: hash.digest('hex'), size, executable }
}

function utf8(bytes: Buffer, path: string, where: Where): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw damaged(`${path} in it is not UTF-8`, where, cause)
  }
}

/** Of two streams that fail together, one only says that the other was closed. */
function tellsWhy(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const isOfZlib = 'code' in error && String(error.code).startsWith('Z_')
  return error instanceof Problem || error instanceof Problems || 'syscall' in error || isOfZlib
}

/** zlib and tar-stream say with plain errors that what they read is not right. */
function asProblem(error: unknown, where: Where): unknown {
  if (error instanceof Problem || error instanceof Problems || !(error instanceof Error)) return error
  if ('syscall' in error) return error
  return damaged(`it is damaged or cut off: ${error.message}`, where, error)
}
