import { once } from 'node:events'
import { createReadStream, statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { type Headers, type Pack, pack } from 'tar-stream'
import { type DirectoryEntry, type Entry, type FileEntry, inOrder } from './entries.ts'

export interface ArchivePlace {
  /** What stands before each path: `./` in a package of Debian, the name of a directory in an archive. */
  readonly before: string
  /** Seconds since 1970, for every entry. */
  readonly time: number
}

/** A tar of the entries. The same entries give the same bytes: neither user, machine nor time of day is in them. */
export function tarOf(entries: readonly Entry[], place: ArchivePlace): Readable {
  const tar = pack()
  fill(tar, inOrder(entries), place).catch((error: unknown) =>
    tar.destroy(error instanceof Error ? error : new Error(String(error))),
  )
  return tar
}

async function fill(tar: Pack, entries: readonly (Entry | DirectoryEntry)[], { before, time }: ArchivePlace): Promise<void> {
  const common = { uid: 0, gid: 0, mtime: new Date(time * 1000) }
  const root = { ...common, name: before, mode: 0o755, type: 'directory' } as const
  await add(tar, root)
  for (const entry of entries) {
    const header = { ...common, name: `${before}${entry.path}` }
    switch (entry.is) {
      case 'directory':
        await add(tar, { ...header, name: `${header.name}/`, mode: 0o755, type: 'directory' })
        break
      case 'link':
        await add(tar, { ...header, mode: 0o777, type: 'symlink', linkname: entry.to })
        break
      case 'file':
        await add(tar, { ...header, mode: entry.executable ? 0o755 : 0o644, type: 'file', size: sizeOf(entry) }, contentOf(entry))
    }
  }
  tar.finalize()
}

async function add(tar: Pack, header: Headers, content?: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const entry = tar.entry(header, (error) => (error ? reject(error) : resolve()))
  if (content !== undefined) {
    for await (const chunk of content) if (!entry.write(chunk)) await Promise.race([once(entry, 'drain'), promise])
    entry.end()
  }
  await promise
}

export function sizeOf({ from }: FileEntry): number {
  return 'text' in from ? Buffer.byteLength(from.text) : statSync(from.file).size
}

export function contentOf({ from }: FileEntry): AsyncIterable<Buffer> | Iterable<Buffer> {
  return 'text' in from ? [Buffer.from(from.text)] : createReadStream(from.file, { highWaterMark: 1 << 20 })
}
