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

test('an extended header may be as large as a mebibyte', () => {
  assert.equal(newHeaderWatch(WHERE).look(header({ name: 'long', type: 'x', size: octal(1_048_576) })), undefined)
  const problem = newHeaderWatch(WHERE).look(header({ name: 'long', type: 'x', size: octal(1_048_577) }))
  assert.equal(problem?.message, '"long" is an extended header of 1048577 bytes, more than the 1048576 that are read')
})

test('the next header is looked for where the reader of the tar looks for it, however the numbers are written', () => {
  const evil = header({ name: 'evil', type: 'x', size: octal(0) })
  const file = { name: 'x', type: '0', size: octal(0) }
  const cases: Readonly<Record<string, Buffer>> = {
    'what is no header has nothing behind it': Buffer.alloc(512, 'x'),
    'a directory has no bytes': header({ ...file, type: '5', size: octal(512) }),
    'a size of NULs is none': header({ ...file, size: Buffer.alloc(12) }),
    'a size behind spaces and NULs': Buffer.concat([
      header({ ...file, size: Buffer.from('  \0\0\x0000001 ') }),
      Buffer.alloc(512),
    ]),
    'a size ends at a space': Buffer.concat([header({ ...file, size: Buffer.from('1 7777777777') }), Buffer.alloc(512)]),
    'a sum without zeros in front': Buffer.concat([
      withSum(header({ ...file, size: octal(1) }), (sum) => `${sum}\0`),
      Buffer.alloc(512),
    ]),
    'a sum that fills its field': Buffer.concat([
      withSum(header({ ...file, size: octal(1) }), (sum) => sum.padStart(8, '0')),
      Buffer.alloc(512),
    ]),
    'the bytes of a file fill their last block': Buffer.concat([header({ ...file, size: octal(512) }), Buffer.alloc(512)]),
    'the bytes of a file begin another block': Buffer.concat([header({ ...file, size: octal(513) }), Buffer.alloc(1024)]),
  }
  for (const [what, before] of Object.entries(cases)) {
    const found = newHeaderWatch(WHERE).look(Buffer.concat([before, evil]))
    assert.equal(found?.message, '"evil" is an extended header of no bytes', what)
  }
})

test('a size that no number can hold exactly, or that is written in no way that is known, is refused', () => {
  const sizes = [
    Buffer.from([0x80, 1, ...Buffer.alloc(10)]),
    Buffer.from([0x81, ...Buffer.alloc(11)]),
    Buffer.from('\u00a00000000012'.slice(0, 11)),
  ]
  for (const size of sizes) {
    const problem = newHeaderWatch(WHERE).look(header({ name: 'x', type: 'x', size }))
    assert.equal(problem?.message, '"x" has no readable size', size.toString('hex'))
  }
})

test('a name that fills its field is said whole, and nothing of what is behind it', () => {
  const name = 'n'.repeat(100)
  const problem = newHeaderWatch(WHERE).look(header({ name, type: 'x', size: octal(0) }))
  assert.equal(problem?.message, `"${name}" is an extended header of no bytes`)
})

test('what stands behind the end is refused with the place of the end, also when it is less than a block', () => {
  const file = Buffer.concat([header({ name: 'x', type: '0', size: octal(600) }), Buffer.alloc(1024, 'y')])
  const late = header({ name: 'late', type: '0', size: octal(0) })
  const said = '"late" stands behind the end of the archive, which is at byte'
  for (const [before, end] of [
    [Buffer.alloc(0), 0],
    [file, 1536],
    [Buffer.concat([file, file]), 3072],
  ] as const) {
    const whole = newHeaderWatch(WHERE).look(Buffer.concat([before, Buffer.alloc(1024), late]))
    assert.equal(whole?.message, `${said} ${end} of what it unpacks to`)
    const cut = newHeaderWatch(WHERE)
    assert.equal(cut.look(Buffer.concat([before, Buffer.alloc(512), late.subarray(0, 300)])), undefined)
    assert.equal(cut.close()?.message, `${said} ${end} of what it unpacks to`)
  }
})

test('a tar that ends in zeros, or before its end, has nothing behind its end', () => {
  for (const tar of [
    Buffer.alloc(0),
    Buffer.alloc(1024),
    Buffer.alloc(1300),
    header({ name: 'x', type: '0', size: octal(0) }).subarray(9),
  ]) {
    const watch = newHeaderWatch(WHERE)
    assert.equal(watch.look(tar), undefined)
    assert.equal(watch.close(), undefined)
  }
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
  block.write(type, 156)
  block.write('ustar\x0000', 257)
  return withSum(block, (sum) => `${sum.padStart(6, '0')}\0 `)
}

/** `write`: how the sum in octal digits is written. */
function withSum(block: Buffer, write: (sum: string) => string): Buffer {
  block.fill(' ', 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(write(sum.toString(8)), 148)
  return block
}
