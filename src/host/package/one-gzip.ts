import { once } from 'node:events'
import { crc32, createInflateRaw } from 'node:zlib'
import { unsafe } from '../../package/entry.ts'
import { damaged } from '../../package/metadata.ts'
import type { Where } from '../../problem.ts'

/** The checksum of what was packed, and its length. */
const TRAILER = 8
const FIXED_HEADER = 10
/** Names and comments that stand in front: nobody writes longer ones. */
const MOST_HEADER = 64 << 10

/**
 * What is in a gzip file. Zlib goes on where one ends: it reads what stands behind as another file that belongs to it, or passes
 * over it. Here a file ends where its first member does, and whatever stands behind is refused with its place.
 */
export async function* unpackOne(chunks: AsyncIterable<Buffer>, where: Where, chunkSize: number): AsyncGenerator<Buffer> {
  const held = new HeldBack(chunks)
  const begin = await readHeader(held, where)
  const inflate = createInflateRaw({ chunkSize })
  const feeding = feed(inflate, held).catch((error: unknown) => void inflate.destroy(asError(error)))
  let [sum, length] = [0, 0]
  try {
    for await (const chunk of inflate as AsyncIterable<Buffer>) {
      sum = crc32(chunk, sum)
      length += chunk.length
      yield chunk
    }
  } finally {
    // Also when nobody reads on: then the file is closed too.
    held.stop()
    inflate.destroy()
    await feeding
    await held.close()
  }
  const end = begin + inflate.bytesWritten
  if (held.passed() > end) {
    throw unsafe(`something stands behind the end of its gzip data, which ends with byte ${end + TRAILER}`, where)
  }
  const trailer = held.rest()
  const fits = trailer.length === TRAILER && trailer.readUInt32LE(0) === sum && trailer.readUInt32LE(4) === length % 2 ** 32
  if (!fits) throw damaged('it is damaged or cut off: its gzip checksum does not fit', where)
}

async function feed(inflate: ReturnType<typeof createInflateRaw>, held: HeldBack): Promise<void> {
  const ended = new Promise((resolve) => inflate.once('end', resolve).once('close', resolve))
  for await (const chunk of held.chunks()) {
    if (!inflate.write(chunk)) await Promise.race([once(inflate, 'drain').catch(() => undefined), ended])
  }
  if (!inflate.destroyed) inflate.end()
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

/** The pieces of a file without its last bytes, which are kept back. */
class HeldBack {
  readonly #source: AsyncIterator<Buffer>
  #kept: Buffer = Buffer.alloc(0)
  #passed = 0
  #state: 'reading' | 'ended' | 'stopped' = 'reading'

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#source = chunks[Symbol.asyncIterator]()
  }

  /** How many bytes have been given out. */
  passed(): number {
    return this.#passed
  }

  /** What is kept back at the end. */
  rest(): Buffer {
    return this.#kept
  }

  stop(): void {
    if (this.#state === 'reading') this.#state = 'stopped'
  }

  async close(): Promise<void> {
    await this.#source.return?.()
  }

  /** So many bytes, or as many as there are before those that are kept back. */
  async take(count: number): Promise<Buffer> {
    while (this.#state === 'reading' && this.#kept.length < count + TRAILER) await this.#readOn()
    return this.#give(Math.min(count, Math.max(0, this.#kept.length - TRAILER)))
  }

  async *chunks(): AsyncGenerator<Buffer> {
    for (;;) {
      if (this.#kept.length > TRAILER) yield this.#give(this.#kept.length - TRAILER)
      if (this.#state !== 'reading') return
      await this.#readOn()
    }
  }

  async #readOn(): Promise<void> {
    const { done, value } = await this.#source.next()
    if (done === true) this.#state = 'ended'
    else this.#kept = this.#kept.length === 0 ? value : Buffer.concat([this.#kept, value])
  }

  #give(count: number): Buffer {
    const given = this.#kept.subarray(0, count)
    this.#kept = this.#kept.subarray(count)
    this.#passed += count
    return given
  }
}

const [CHECKED, EXTRA, NAME, COMMENT] = [0x02, 0x04, 0x08, 0x10]

/** Reads up to where the data begin; answers where that is. */
async function readHeader(held: HeldBack, where: Where): Promise<number> {
  const fixed = await held.take(FIXED_HEADER)
  const [method, flags = 0] = fixed.subarray(2)
  if (fixed.length < FIXED_HEADER || method !== 8 || (flags & 0xe0) !== 0) {
    throw damaged('it is damaged or cut off: its gzip header is not readable', where)
  }
  if ((flags & EXTRA) !== 0) {
    const size = await held.take(2)
    await held.take(size.length === 2 ? size.readUInt16LE() : 0)
  }
  for (const text of [NAME, COMMENT]) if ((flags & text) !== 0) await skipText(held, where)
  if ((flags & CHECKED) !== 0) await held.take(2)
  return held.passed()
}

/** Up to the zero byte that ends it. */
async function skipText(held: HeldBack, where: Where): Promise<void> {
  for (let byte = await held.take(1); byte[0] !== 0; byte = await held.take(1)) {
    if (byte.length === 0 || held.passed() > MOST_HEADER) {
      throw damaged('it is damaged or cut off: its gzip header has no end', where)
    }
  }
}
