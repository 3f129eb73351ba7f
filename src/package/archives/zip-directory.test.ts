import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dataOf, findDirectory, LOCAL_HEADER_BYTES, readDirectory, TAIL_BYTES } from './zip-directory.ts'

test('the directory of a zip is found before its end record, with a comment behind it or without', () => {
  for (const comment of ['', 'x', 'two', `${endRecord({ at: 7, bytes: 2, entries: 9 }).toString('latin1')}!`]) {
    const end = endRecord({ at: 0x30004, bytes: 0x10002, entries: 0x105, comment })
    const size = 0x30004 + 0x10002 + end.length
    const found = { at: 0x30004, bytes: 0x10002, entries: 0x105 }
    assert.deepEqual(findDirectory(end, size), found, comment)
    assert.deepEqual(findDirectory(Buffer.concat([Buffer.alloc(33, 'x'), end]), size), found, comment)
  }
})

test('the longest comment that a zip can have still lets its end be found in the last 65,557 bytes', () => {
  const end = endRecord({ at: 0, bytes: 0, entries: 0, comment: 'x'.repeat(65_535) })
  assert.equal(end.length, 65_557)
  assert.equal(TAIL_BYTES, 65_557)
  assert.deepEqual(findDirectory(end.subarray(-TAIL_BYTES), end.length), { at: 0, bytes: 0, entries: 0 })
})

test('what is no zip says so, and so does one whose directory is not where its end says', () => {
  const end = endRecord({ at: 100, bytes: 50, entries: 1, comment: 'abc' })
  const oneLess = end.subarray(0, -1)
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.alloc(21),
    Buffer.alloc(500, 'PK'),
    oneLess,
    Buffer.concat([end, end.subarray(0, 9)]),
  ])
    assert.deepEqual(findDirectory(bytes, 150 + bytes.length), { why: 'it is no zip file' })
  for (const size of [149, 151]) {
    const why = 'its directory is not where its end says'
    assert.deepEqual(findDirectory(end, size + end.length), { why })
    assert.deepEqual(findDirectory(Buffer.concat([Buffer.alloc(8), end]), size + end.length), { why })
  }
})

test('a directory lists every file with how it is packed, whatever stands beside its name', () => {
  const directory = Buffer.concat([
    listed({ method: 0, packedBytes: 0x01020304, at: 0x0a0b0c0d, name: 'a', extra: 'more', comment: '' }),
    listed({ method: 8, packedBytes: 5, at: 6, name: 'n'.repeat(300), extra: 'e'.repeat(400), comment: 'c'.repeat(500) }),
    listed({ method: 8, packedBytes: 7, at: 8, name: '', extra: '', comment: '' }),
  ])
  assert.deepEqual(readDirectory(directory, 3), [
    { method: 'stored', packedBytes: 0x01020304, at: 0x0a0b0c0d },
    { method: 'deflated', packedBytes: 5, at: 6 },
    { method: 'deflated', packedBytes: 7, at: 8 },
  ])
  assert.deepEqual(readDirectory(Buffer.alloc(0), 0), [])
})

test('a directory that is cut off, that has something behind it, or that counts other files is damaged', () => {
  const one = listed({ method: 8, packedBytes: 5, at: 6, name: 'name', extra: '', comment: '' })
  const other = Buffer.from(one)
  other.write('PX')
  const damaged = { why: 'its directory is damaged' }
  for (const bytes of [one.subarray(0, -1), one.subarray(0, 45), Buffer.concat([one, Buffer.alloc(1)]), other])
    assert.deepEqual(readDirectory(bytes, 1), damaged)
  assert.deepEqual(readDirectory(Buffer.concat([one, Buffer.alloc(60)]), 1), damaged)
  for (const count of [0, 2]) assert.deepEqual(readDirectory(one, count), damaged)
})

test('a file that is packed in another way than stored or deflated is not read', () => {
  for (const method of [1, 9, 12, 93]) {
    const directory = listed({ method, packedBytes: 5, at: 6, name: 'a', extra: '', comment: '' })
    assert.deepEqual(readDirectory(directory, 1), { why: 'a file in it is packed in a way that is not read here' })
  }
})

test('the bytes of a file begin behind its local header, its name and what stands beside it', () => {
  const entry = { method: 'stored', packedBytes: 1, at: 1000 } as const
  const header = Buffer.alloc(30)
  header.write('PK\x03\x04')
  header.writeUInt16LE(0x0203, 26)
  header.writeUInt16LE(0x0405, 28)
  assert.equal(LOCAL_HEADER_BYTES, 30)
  assert.equal(dataOf(entry, header), 1000 + 30 + 0x0203 + 0x0405)
  assert.equal(dataOf(entry, header.subarray(0, 29)), undefined)
  assert.equal(dataOf(entry, Buffer.alloc(3)), undefined)
  header.write('PK\x01\x02')
  assert.equal(dataOf(entry, header), undefined)
})

interface End {
  readonly at: number
  readonly bytes: number
  readonly entries: number
  readonly comment?: string
}

function endRecord({ at, bytes, entries, comment = '' }: End): Buffer {
  const record = Buffer.alloc(22)
  record.write('PK\x05\x06')
  record.writeUInt16LE(entries, 8)
  record.writeUInt16LE(entries, 10)
  record.writeUInt32LE(bytes, 12)
  record.writeUInt32LE(at, 16)
  record.writeUInt16LE(comment.length, 20)
  return Buffer.concat([record, Buffer.from(comment, 'latin1')])
}

interface Listed {
  readonly method: number
  readonly packedBytes: number
  readonly at: number
  readonly name: string
  readonly extra: string
  readonly comment: string
}

function listed({ method, packedBytes, at, name, extra, comment }: Listed): Buffer {
  const header = Buffer.alloc(46)
  header.write('PK\x01\x02')
  header.writeUInt16LE(method, 10)
  header.writeUInt32LE(packedBytes, 20)
  header.writeUInt16LE(name.length, 28)
  header.writeUInt16LE(extra.length, 30)
  header.writeUInt16LE(comment.length, 32)
  header.writeUInt32LE(at, 42)
  return Buffer.concat([header, Buffer.from(name + extra + comment)])
}
