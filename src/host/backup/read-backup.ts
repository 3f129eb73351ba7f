import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract, type Headers } from 'tar-stream'
import { FIRST, LAST, newGate } from '../../backup/gate.ts'
import { type Manifest, type Member, parseManifest, whyNotWhole } from '../../backup/manifest.ts'
import { newHeaderWatch } from '../../package/long-headers.ts'
import { Problem, type Where } from '../../problem.ts'
import { isSystemError } from '../disk/errno.ts'

/** What becomes of the entries. Each is safe. Links come when all the rest is there. */
export interface Sink {
  readonly directory: (path: string) => void
  readonly file: (path: string, facts: { readonly executable: boolean; readonly mtime: Date }) => FileSink
  readonly link: (path: string, target: string) => void
}

export interface FileSink {
  readonly write: (chunk: Uint8Array) => void
  readonly end: () => void
}

export const NOWHERE: Sink = {
  directory: () => undefined,
  file: () => ({ write: () => undefined, end: () => undefined }),
  link: () => undefined,
}

/** Of the texts that are held in memory. */
const MOST_TEXT = 512 << 20

/**
 * Reads a backup from its beginning to its end and believes nothing: the first entry that is not safe, an end that comes too early
 * and a checksum that does not fit end it with BACKUP_REFUSED. `sink` gets what is in it before all of that is known.
 */
export async function readBackup(file: string, sink: Sink = NOWHERE): Promise<Manifest> {
  const where = { file }
  const tar = extract()
  const feeding = pipeline(
    createReadStream(file, { highWaterMark: 1 << 18 }),
    createGunzip({ chunkSize: 1 << 18 }),
    (chunks: AsyncIterable<Buffer>) => watched(chunks, where),
    tar,
  )
  const fed = feeding.then(
    () => undefined,
    (error: unknown) => error,
  )
  try {
    const manifest = await readEntries(tar, sink, where)
    const error = await fed
    if (error !== undefined) throw error
    return manifest
  } catch (error) {
    tar.destroy()
    const first = await fed
    throw asProblem(error instanceof Problem || isSystemError(error) ? error : (first ?? error), where)
  }
}

async function* watched(chunks: AsyncIterable<Buffer>, where: Where): AsyncGenerator<Buffer> {
  const watch = newHeaderWatch(where)
  for await (const chunk of chunks) {
    const refused = watch.look(chunk)
    if (refused !== undefined) throw refused
    yield chunk
  }
  const left = watch.close()
  if (left !== undefined) throw left
}

async function readEntries(tar: ReturnType<typeof extract>, sink: Sink, where: Where): Promise<Manifest> {
  const gate = newGate()
  const [files, links, directories] = [new Map<string, Member>(), new Map<string, string>(), new Set<string>()]
  let [isFirst, last]: [boolean, string | undefined] = [true, undefined]
  for await (const stream of tar) {
    const { name, type, mode = 0, size = 0, linkname } = stream.header
    if (hasSizeInPax(stream.header))
      throw refusedBackup(`${JSON.stringify(name)} has a second size, in an extended header`, where)
    const entry = gate.admit({ name, type: type ?? undefined, mode, size, target: linkname ?? undefined })
    if (entry.is === 'refused') throw refusedBackup(entry.why, where)
    if (isFirst !== (entry.is === 'text' && entry.name === FIRST)) throw refusedBackup('it is no backup of mfserv', where)
    if (last !== undefined) throw refusedBackup(`${JSON.stringify(name)} stands behind its manifest`, where)
    isFirst = false
    if (entry.is === 'text') {
      const text = await textIn(stream, size, where)
      if (entry.name === LAST) last = text
      continue
    }
    if (entry.is === 'file') {
      const facts = { executable: entry.executable, mtime: stream.header.mtime ?? new Date(0) }
      files.set(entry.path, await readFile(stream, sink.file(entry.path, facts)))
      continue
    }
    stream.resume()
    if (entry.is === 'link') links.set(entry.path, entry.target)
    else {
      directories.add(entry.path)
      sink.directory(entry.path)
    }
  }
  const stray = gate.close()
  if (stray !== undefined) throw refusedBackup(stray, where)
  const manifest = last === undefined ? 'it is cut off: it has no manifest' : parseManifest(last)
  const why = typeof manifest === 'string' ? manifest : whyNotWhole(manifest, { files, links, directories })
  if (typeof manifest === 'string' || why !== undefined) throw refusedBackup(why ?? String(manifest), where)
  for (const [path, target] of links) sink.link(path, target)
  return manifest
}

async function readFile(chunks: AsyncIterable<Buffer>, target: FileSink): Promise<Member> {
  const hash = createHash('sha256')
  let size = 0
  try {
    for await (const chunk of chunks) {
      hash.update(chunk)
      size += chunk.length
      target.write(chunk)
    }
  } finally {
    target.end()
  }
  return { size, sha256: hash.digest('hex') }
}

async function textIn(chunks: AsyncIterable<Buffer>, size: number, where: Where): Promise<string> {
  if (size > MOST_TEXT) throw refusedBackup(`its manifest has ${size} bytes`, where)
  const kept: Buffer[] = []
  for await (const chunk of chunks) kept.push(chunk)
  return Buffer.concat(kept).toString('utf8')
}

/** tar-stream goes on by that size, and who watches the headers before it goes on by the other one. */
function hasSizeInPax(header: Headers): boolean {
  const pax: unknown = 'pax' in header ? header.pax : undefined
  return typeof pax === 'object' && pax !== null && 'size' in pax
}

/** Nothing was changed because of it. */
export function refusedBackup(message: string, where: Where): Problem {
  const fix = 'Nothing was changed. Use another copy of the backup, or an older one.'
  return new Problem('BACKUP_REFUSED', message, fix, where)
}

/** zlib and tar-stream say with plain errors that what they read is not right. */
function asProblem(error: unknown, where: Where): unknown {
  if (error instanceof Problem) return error.code === 'RELEASE_UNSAFE' ? refusedBackup(error.message, where) : error
  if (!(error instanceof Error) || isSystemError(error)) return error
  const isNone = 'code' in error && error.code === 'Z_DATA_ERROR' && error.message.includes('header')
  return refusedBackup(
    isNone ? 'it is no backup of mfserv: it does not begin as a gzip file' : `it is damaged or cut off: ${error.message}`,
    where,
  )
}
