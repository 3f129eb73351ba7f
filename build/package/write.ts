import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, renameSync, rmSync, statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { tarOf } from './archive.ts'
import { AR_BEGIN, memberHeader } from './deb.ts'
import type { Entry } from './entries.ts'

/** Writes `target` as a whole, from the entries alone. */
export async function writeTarGz(
  entries: readonly Entry[],
  target: string,
  place: { readonly root: string; readonly time: number },
): Promise<void> {
  const tar = tarOf(entries, { before: `${place.root}/`, time: place.time })
  await whole(target, (candidate) => gzip(tar, candidate))
}

export interface DebianParts {
  readonly control: readonly Entry[]
  readonly data: readonly Entry[]
  readonly time: number
}

/** A .deb is an ar archive of a version and two tars, in this order. */
export async function writeDeb({ control, data, time }: DebianParts, target: string): Promise<void> {
  const parts = { version: `${target}.version`, control: `${target}.control`, data: `${target}.data` }
  try {
    await pipeline(['2.0\n'], createWriteStream(parts.version))
    await gzip(tarOf(control, { before: './', time }), parts.control)
    await xz(tarOf(data, { before: './', time }), parts.data)
    const members = [
      { name: 'debian-binary', file: parts.version },
      { name: 'control.tar.gz', file: parts.control },
      { name: 'data.tar.xz', file: parts.data },
    ]
    await whole(target, (candidate) => pipeline(ar(members, time), createWriteStream(candidate)))
  } finally {
    for (const part of Object.values(parts)) rmSync(part, { force: true })
  }
}

async function* ar(members: readonly { readonly name: string; readonly file: string }[], time: number): AsyncGenerator<Buffer> {
  yield Buffer.from(AR_BEGIN)
  for (const { name, file } of members) {
    const { size } = statSync(file)
    yield Buffer.from(memberHeader({ name, size }, time))
    yield* createReadStream(file, { highWaterMark: 1 << 20 })
    if (size % 2 === 1) yield Buffer.from('\n')
  }
}

async function gzip(from: Readable, target: string): Promise<void> {
  await pipeline(from, createGzip({ level: 9, memLevel: 9, chunkSize: 1 << 18 }), anonymous, createWriteStream(target))
}

/** Byte 9 of a gzip file names the system that wrote it; 255 is "unknown". */
async function* anonymous(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isFirst = true
  for await (const chunk of chunks) {
    if (isFirst) chunk[9] = 255
    isFirst = false
    yield chunk
  }
}

/** In blocks of a size of their own: else the bytes would depend on the number of processors. */
const XZ = ['-6', '--threads=2', '--block-size=24MiB', '--stdout']

async function xz(from: Readable, target: string): Promise<void> {
  const child = spawn('xz', XZ, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`make package needs xz. As root: apt install xz-utils`, { cause })))
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`xz ended with code ${code}`))))
  })
  await Promise.all([pipeline(from, child.stdin), pipeline(child.stdout, createWriteStream(target)), ended])
}

async function whole(target: string, write: (candidate: string) => Promise<void>): Promise<void> {
  const candidate = `${target}.new`
  try {
    await write(candidate)
    renameSync(candidate, target)
  } finally {
    rmSync(candidate, { force: true })
  }
}

export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return hash.digest('hex')
}
