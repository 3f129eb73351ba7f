import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeVerdict, readSignature, signatureText } from './signature.ts'

const WHERE = { file: 'a.plugin: .signature.json' }
const SIGNATURE = { key: '0123abcd', publicKey: 'a2V5', signature: 'c2lnbg==' }

test('a signature is written one member a line, and reads as what was written', () => {
  const text = signatureText(SIGNATURE)
  assert.equal(
    text,
    `{
 "format": 1,
 "algorithm": "ed25519",
 "key": "0123abcd",
 "public_key": "a2V5",
 "signature": "c2lnbg=="
}
`,
  )
  assert.deepEqual(readSignature(text, WHERE), { value: SIGNATURE, problems: [] })
})

test('a signature of another format, of another kind or with a part missing is damaged', () => {
  const json = JSON.parse(signatureText(SIGNATURE))
  for (const other of [
    { format: 2 },
    { format: undefined },
    { algorithm: 'rsa' },
    { key: 1 },
    { public_key: undefined },
    { signature: null },
    { format: 2, algorithm: 'rsa' },
    { key: 1, public_key: 1, signature: 1 },
  ]) {
    const { value, problems } = readSignature(JSON.stringify({ ...json, ...other }), WHERE)
    assert.equal(value, undefined)
    assert.deepEqual(
      problems.map(({ code, message, where }) => [code, message, where]),
      [['RELEASE_DAMAGED', 'its signature is not one of format 1', WHERE]],
      JSON.stringify(other),
    )
  }
  assert.match(
    readSignature('{', WHERE)
      .problems.map(({ message }) => message)
      .join('\n'),
    /^it is not JSON: .*$/,
  )
})

test('what is known about who made a release is said with the key', () => {
  const [by, key] = ['Ada', '0123abcd']
  assert.equal(describeVerdict({ is: 'unsigned' }), 'unsigned')
  assert.equal(describeVerdict({ is: 'trusted', by, key }), 'signed by Ada (key 0123abcd), which is trusted here')
  assert.equal(
    describeVerdict({ is: 'out of bounds', by, key, why: 'too old' }),
    'signed by Ada (key 0123abcd), which does not count for it: too old',
  )
  assert.equal(describeVerdict({ is: 'unknown key', key }), 'signed with the key 0123abcd, which is not known here')
  assert.equal(describeVerdict({ is: 'wrong', key, why: 'other bytes' }), 'wrong: other bytes')
})
