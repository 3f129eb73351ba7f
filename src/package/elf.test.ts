import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isElf, newElfReader } from './elf.ts'

test('the facts of a compiled file are the same however its bytes come in pieces', () => {
  const word = fc.constantFrom(
    'GLIBC_2.4',
    'GLIBC_2.17',
    'GLIBC_2.3.4',
    '_ZN2v8',
    '_ZNK2v8',
    'node_module_register',
    'GLIBC_',
    '\0',
  )
  fc.assert(
    fc.property(fc.array(word), fc.integer({ min: 1, max: 40 }), fc.constantFrom(1, 2), (words, piece, order) => {
      const bytes = elf(words.join('\0'), order)
      assert.deepEqual(factsIn(bytes, piece), factsIn(bytes, bytes.length))
    }),
  )
})

test('a compiled file needs its processor, the newest glibc it names, and one Node only when it uses V8 itself', () => {
  const addon = factsIn(elf('GLIBC_2.2.5\0GLIBC_2.4\0GLIBC_2.14\0napi_create_string'), 7)
  assert.deepEqual(addon, { arch: 'x64', glibc: '2.14', boundToNodeAbi: false })
  const bound = factsIn(elf('_ZN2v87Isolate10GetCurrentEv', 1, 183), 7)
  assert.deepEqual(bound, { arch: 'arm64', glibc: undefined, boundToNodeAbi: true })
  assert.equal(factsIn(elf('', 2), 7).arch, 'x64')
})

test('a compiled file is known by its first four bytes', () => {
  const begin = [0x7f, 0x45, 0x4c, 0x46]
  assert.ok(isElf(Uint8Array.from([...begin, 1, 2, 3])))
  for (const index of begin.keys()) assert.ok(!isElf(Uint8Array.from(begin.with(index, 0x20))), String(index))
  for (const length of begin.keys()) assert.ok(!isElf(Uint8Array.from(begin.slice(0, length))), String(length))
})

test('a file for a processor that Node does not run on, or that ends before it names one, is for none that is known', () => {
  assert.equal(factsIn(elf('', 1, 8), 7).arch, undefined)
  for (const order of [1, 2]) {
    assert.equal(factsIn(elf('', order, 0x103e), 7).arch, undefined)
    assert.equal(factsIn(elf('', order, 0x3e10), 7).arch, undefined)
    assert.equal(factsIn(elf('', order).subarray(0, 18), 7).arch, undefined)
  }
})

function factsIn(bytes: Buffer, piece: number) {
  const reader = newElfReader()
  for (let at = 0; at < bytes.length; at += piece) reader.add(bytes.subarray(at, at + piece))
  return reader.facts()
}

/** `order`: 1 when the low byte is the first, 2 when the high byte is. */
function elf(text: string, order = 1, machine = 62): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(64), Buffer.from(text)])
  bytes.write('\x7fELF')
  bytes[5] = order
  if (order === 1) bytes.writeUInt16LE(machine, 18)
  else bytes.writeUInt16BE(machine, 18)
  return bytes
}
