import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, createWriteStream, openSync, readSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { type Headers, type Pack, pack } from 'tar-stream'
import { type Amounts, beyondBounds } from '../../package/bounds.ts'
import { ROOT } from '../../package/generated.ts'
import { Problem } from '../../problem.ts'
import { beside } from '../disk/atomic.ts'
import { syncPath } from '../disk/sync.ts'
import type { SourceFile } from './sources/source-files.ts'

/** Everything that goes into an archive, in this order. */
export interface ArchivePlan {
  /** Text and path of the generated files. */
  readonly texts: ReadonlyMap<string, string>
  readonly files: readonly SourceFile[]
  readonly links: ReadonlyMap<string, string>
  readonly emptyDirectories: readonly string[]
  /** Seconds since 1970, for every entry. */
  readonly time: number
}

export interface WrittenArchive {
  /** In hex. */
  readonly sha256: string
  readonly size: number
}

/**
 * Writes the archive of the plugin at `home` as a whole: `target` is complete and on the disk when it appears. The bytes
 * come from the plan alone: neither user, machine, time of day nor the order of the directory is in them.
 */
export async function writeArchive(home: string, plan: ArchivePlan, target: string): Promise<WrittenArchive> {
  const candidate = beside(target)
  const tar = pack()
  const written = { hash: createHash('sha256'), size: 0 }
  const unpacked = { stream: 0 }
  try {
    const writing = pipeline(
      tar,
      (chunks: AsyncIterable<Buffer>) => counted(chunks, unpacked),
      createGzip({ level: 6, memLevel: 9, chunkSize: 1 << 18 }),
      (chunks: AsyncIterable<Buffer>) => anonymous(chunks, written),
      createWriteStream(candidate, { flags: 'wx', mode: 0o644, flush: true }),
    )
    await Promise.all([writing, addEntries(tar, home, plan)])
    const why = beyondBounds({ ...amountsOf(plan), ...unpacked }, written.size)
    if (why !== undefined)
      throw new Problem('RELEASE_UNSAFE', `no installation would take this release: ${why}`, FIX_SIZE, { file: home })
    renameSync(candidate, target)
    syncPath(dirname(target))
    return { sha256: written.hash.digest('hex'), size: written.size }
  } catch (error) {
    tar.destroy()
    rmSync(candidate, { force: true })
    throw error
  }
}

const FIX_SIZE =
  'What shrinks so much is mostly empty: leave it out with a line in .releaseignore, let the plugin make it itself, or pack it once more, as a .gz.'

async function* counted(chunks: AsyncIterable<Buffer>, unpacked: { stream: number }): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    unpacked.stream += chunk.length
    yield chunk
  }
}

function amountsOf({ texts, files, links, emptyDirectories }: ArchivePlan): Omit<Amounts, 'stream'> {
  const paths = [...texts.keys(), ...files.map(({ path }) => path), ...links.keys(), ...emptyDirectories]
  const directories = new Set(paths.flatMap((path) => ancestorsOf(path)))
  const bytes = [...texts.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  return {
    entries: paths.length + directories.size,
    bytes: files.reduce((sum, { size }) => sum + size, bytes),
  }
}

function ancestorsOf(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

/** Byte 9 of a gzip file names the system that wrote it; 255 is "unknown". zlib leaves time and name out by itself. */
async function* anonymous(
  chunks: AsyncIterable<Buffer>,
  written: { readonly hash: ReturnType<typeof createHash>; size: number },
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    if (written.size === 0) chunk[9] = 255
    written.hash.update(chunk)
    written.size += chunk.length
    yield chunk
  }
}

async function addEntries(tar: Pack, home: string, { texts, files, links, emptyDirectories, time }: ArchivePlan): Promise<void> {
  const common = { mtime: new Date(time * 1000), uid: 0, gid: 0 }
  for (const [path, text] of texts) await add(tar, { ...common, name: at(path), mode: 0o644 }, [Buffer.from(text)])
  for (const file of files) {
    const { path, size, executable } = file
    await add(tar, { ...common, name: at(path), mode: executable ? 0o755 : 0o644, size }, unchanged(home, file))
  }
  for (const [path, linkname] of links) await add(tar, { ...common, name: at(path), mode: 0o777, type: 'symlink', linkname })
  for (const path of emptyDirectories) await add(tar, { ...common, name: `${at(path)}/`, mode: 0o755, type: 'directory' })
  tar.finalize()
}

function at(path: string): string {
  return `${ROOT}/${path}`
}

/** `body`: of a file; one chunk without a `size` is the whole of it. */
async function add(tar: Pack, header: Headers, body?: Iterable<Buffer>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const added = (error?: Error | null): void => (error ? reject(error) : resolve())
  if (body === undefined) tar.entry(header, added)
  else {
    const chunks = header.size === undefined ? [...body] : body
    const size = header.size ?? [...chunks].reduce((sum, chunk) => sum + chunk.length, 0)
    const entry = tar.entry({ ...header, type: 'file', size }, added)
    for (const chunk of chunks) if (!entry.write(chunk)) await Promise.race([once(entry, 'drain'), promise])
    entry.end()
  }
  await promise
}

/** The bytes of a file, whose checksum stands in the archive already. */
function* unchanged(home: string, { path, sha256, size }: SourceFile): Generator<Buffer> {
  const hash = createHash('sha256')
  const opened = openSync(join(home, path), 'r')
  try {
    for (let at = 0; at < size; ) {
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK, size - at))
      const read = readSync(opened, chunk)
      if (read === 0) break
      hash.update(chunk.subarray(0, read))
      yield chunk.subarray(0, read)
      at += read
    }
  } finally {
    closeSync(opened)
  }
  if (hash.digest('hex') === sha256) return
  const fix = 'Make the release again when nothing writes there.'
  throw new Problem('BUSY', `${path} was changed while the release was made`, fix, { file: join(home, path) })
}

const CHUNK = 1 << 20
