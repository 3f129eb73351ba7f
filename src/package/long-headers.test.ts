import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { extract, pack } from 'tar-stream'
import { newHeaderWatch } from './long-headers.ts'

const WHERE = { file: 'a.plugin' }

test('an extended header that would fill the memory is refused by its name, whatever kind it is, before a byte of it is read', () => {
  for (const type of ['x', 'g', 'K', 'L', 'N']) {
    const problem = newHeaderWatch(WHERE).look(header({ name: 'PaxHeader/evil', type, size: octal(1_200_000_000) }))
    assert.match(problem?.message ?? '', /^"PaxHeader\/evil" is an extended header of 1200000000 bytes, more than the 1048576/)
    assert.deepEqual([problem?.code, problem?.where], ['RELEASE_UNSAFE', WHERE])
  }
})

test('what two readers of tars would take in different ways is refused', () => {
  const cases = [
    { type: 'x', size: octal(0), because: /no bytes/ },
    { type: 'L', size: Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0, 0]), because: /extended header of 2097152 bytes/ },
    { type: '0', size: Buffer.from([0x80, ...Buffer.alloc(11, 0xff)]), because: /no readable size/ },
    { type: '0', size: Buffer.alloc(12, 0xff), because: /no readable size/ },
    { type: '0', size: Buffer.from('-0000000001\0'), because: /no readable size/ },
    { type: '0', size: Buffer.from('none\0\0\0\0\0\0\0\0'), because: /no readable size/ },
  ]
  for (const { type, size, because } of cases)
    assert.match(newHeaderWatch(WHERE).look(header({ name: 'x', type, size }))?.message ?? 'admitted', because)
})

test('what is no header is left to the reader of the tar, which says that the file is damaged', () => {
  for (const block of [Buffer.alloc(512), Buffer.from('no tar at all'.repeat(40)).subarray(0, 512), Buffer.alloc(512, 'x')])
    assert.equal(newHeaderWatch(WHERE).look(block), undefined)
})

test('a header is found behind anything that tar-stream goes past, however the bytes come in pieces', async () => {
  const entry = fc.record({
    name: fc.oneof(fc.constant('short'), fc.constant('long'.repeat(60)), fc.constant('grüße')),
    type: fc.constantFrom('file', 'directory', 'symlink'),
    size: fc.nat({ max: 2000 }),
    // Bytes of a file that look like the header that is looked for.
    body: fc.constantFrom(0, 1),
  })
  const evil = header({ name: 'evil', type: 'x', size: octal(2 << 20) })
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 6 }), fc.integer({ min: 1, max: 1500 }), async (entries, piece) => {
      const tar = pack()
      for (const { name, type, size, body } of entries) {
        const content = Buffer.alloc(size, body === 0 ? Buffer.alloc(1) : evil)
        if (type === 'file') tar.entry({ name }, content)
        else tar.entry({ name, type: type === 'directory' ? 'directory' : 'symlink', linkname: 'long'.repeat(size % 50) })
      }
      tar.finalize()
      const chunks: Buffer[] = []
      for await (const chunk of tar) chunks.push(chunk)
      const good = Buffer.concat(chunks)
      assert.equal(await namesIn(good), entries.length)
      assert.equal(lookInPieces(good, piece), undefined)
      assert.match(
        lookInPieces(Buffer.concat([good.subarray(0, -1024), evil]), piece)?.message ?? 'admitted',
        /"evil" is an extended header/,
      )
      const behind = Buffer.concat([good, header({ name: 'late', type: '0', size: octal(0) })])
      assert.match(
        lookInPieces(behind, piece)?.message ?? 'admitted',
        /"late" stands behind the end of the archive, which is at byte \d+/,
      )
    }),
    { numRuns: 60 },
  )
})

function lookInPieces(tar: Buffer, piece: number) {
  const watch = newHeaderWatch(WHERE)
  for (let at = 0; at < tar.length; at += piece) {
    const problem = watch.look(tar.subarray(at, at + piece))
    if (problem !== undefined) return problem
  }
  return undefined
}

async function namesIn(tar: Buffer): Promise<number> {
  const reading = extract()
  reading.end(tar)
  let count = 0
  for await (const entry of reading) {
    count += 1
    entry.resume()
  }
  return count
}

function octal(size: number): Buffer {
  return Buffer.from(`${size.toString(8).padStart(11, '0')}\0`)
}

function header({ name, type, size }: { readonly name: string; readonly type: string; readonly size: Buffer }): Buffer {
  const block = Buffer.alloc(512)
  block.write(name, 0)
  block.write('0000644\0', 100)
  size.copy(block, 124)
  block.fill(' ', 148, 156)
  block.write(type, 156)
  block.write('ustar\x0000', 257)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}
