import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayRemove, mayWrite } from './may-write.ts'

const file = '/etc/systemd/system/mfserv.service'
const there = { file, text: 'old', is: 'as written', runtimeHome: '/home/a' } as const
const wanted = { text: 'new', runtimeHome: '/home/a' }

test('a unit file is written where none is, and where mfserv has written it for the same runtime home', () => {
  assert.deepEqual(mayWrite(undefined, wanted, false), { is: 'write' })
  assert.deepEqual(mayWrite(there, wanted, false), { is: 'write' })
  assert.deepEqual(mayWrite({ ...there, text: 'new' }, wanted, false), { is: 'as it is' })
  assert.equal(mayRemove(there, false), undefined)
})

test('what a person has changed or written stays, and so does the service of another runtime home, unless --force says so', () => {
  for (const [found, said] of [
    [{ ...there, is: 'edited' }, /^this unit file was changed by hand$/],
    [{ ...there, is: 'of others', runtimeHome: undefined }, /^this unit file was not written by mfserv$/],
    [{ ...there, runtimeHome: '/home/b' }, /is the service of another runtime home, \/home\/b$/],
  ] as const) {
    const writing = mayWrite(found, wanted, false)
    assert.ok(writing.is === 'refused' && writing.problem.code === 'SERVICE')
    assert.match(writing.problem.message, said)
    assert.match(writing.problem.fix, /--force$/)
    assert.deepEqual(mayWrite(found, wanted, true), { is: 'write' })
    assert.equal(mayRemove(found, true), undefined)
  }
  assert.match(mayRemove({ ...there, is: 'edited' }, false)?.message ?? '', /was changed by hand/)
})
