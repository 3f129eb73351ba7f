import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream, linkSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { type Headers, type Pack, pack } from 'tar-stream'
import { FIRST, HOME, LAST } from '../../backup/gate.ts'
import { FORMAT, type Manifest, type Member } from '../../backup/manifest.ts'
import { beside } from '../disk/atomic.ts'
import { syncPath } from '../disk/sync.ts'
import type { Steady } from './steady-copy.ts'

/** A backup that is being written. Entries come in any order; the manifest is the last. */
export interface Writing {
  readonly file: (path: string, copy: Steady) => Promise<Member>
  readonly link: (path: string, target: string) => Promise<void>
  readonly directory: (path: string) => Promise<void>
}

/**
 * Writes a backup as a whole: `target` is complete and on the disk when it appears. Nothing is replaced: `EEXIST` when there is one.
 * `work` fills it, and answers what the manifest says.
 */
export async function writeBackup(target: string, work: (to: Writing) => Promise<Manifest>): Promise<{ readonly size: number }> {
  const candidate = beside(target)
  const tar = pack()
  const out = createWriteStream(candidate, { flags: 'wx', mode: 0o600, flush: true })
  const writing = pipeline(tar, createGzip({ level: 1, chunkSize: 1 << 18 }), out)
  try {
    await Promise.all([writing, fill(tar, work)])
    linkSync(candidate, target)
    syncPath(dirname(target))
    return { size: statSync(target).size }
  } catch (error) {
    tar.destroy()
    // What is still being opened would be there after its removal.
    await writing.catch(() => undefined)
    throw error
  } finally {
    rmSync(candidate, { force: true })
  }
}

async function fill(tar: Pack, work: (to: Writing) => Promise<Manifest>): Promise<void> {
  await addText(tar, FIRST, JSON.stringify({ format: FORMAT }))
  const manifest = await work({
    file: (path, copy) => addFile(tar, path, copy),
    link: (path, linkname) => addEntry(tar, { name: `${HOME}/${path}`, type: 'symlink', linkname, mode: 0o777 }),
    directory: (path) => addEntry(tar, { name: `${HOME}/${path}/`, type: 'directory', mode: 0o700 }),
  })
  await addText(tar, LAST, `${JSON.stringify(manifest, null, 1)}\n`)
  tar.finalize()
}

async function addFile(tar: Pack, path: string, { body, size, mtime, executable }: Steady): Promise<Member> {
  const hash = createHash('sha256')
  const chunks = typeof body === 'string' ? createReadStream(body, { highWaterMark: 1 << 20 }) : [body]
  const header = { name: `${HOME}/${path}`, type: 'file', mode: executable ? 0o700 : 0o600, size, mtime } as const
  await addEntry(tar, header, hashed(chunks, hash, size))
  return { size, sha256: hash.digest('hex') }
}

/** Never more than was said; less is an error of whoever writes the entry. */
async function* hashed(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
  hash: ReturnType<typeof createHash>,
  size: number,
): AsyncGenerator<Buffer> {
  let left = size
  for await (const chunk of chunks) {
    const part = chunk.subarray(0, left)
    left -= part.length
    hash.update(part)
    if (part.length > 0) yield part
    if (left === 0) return
  }
}

async function addText(tar: Pack, name: string, text: string): Promise<void> {
  const body = Buffer.from(text)
  await addEntry(tar, { name, type: 'file', mode: 0o600, size: body.length }, [body])
}

async function addEntry(tar: Pack, header: Headers, body?: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const added = (error?: Error | null): void => (error ? reject(error) : resolve())
  if (body === undefined) tar.entry(header, added)
  else {
    const entry = tar.entry(header, added)
    for await (const chunk of body) if (!entry.write(chunk)) await Promise.race([once(entry, 'drain'), promise])
    entry.end()
  }
  await promise
}
