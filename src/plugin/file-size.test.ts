import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatProblem } from '../problem.ts'
import { sizeProblem } from './file-size.ts'

test('a file of at most 1048576 bytes and 5000 lines is read, and one that is a little larger is not', () => {
  assert.equal(told('a'.repeat(1_048_576)), undefined)
  assert.equal(told('a'.repeat(1_048_577)), 'config.ini  it has more than 1048576 bytes  (TOO_LARGE)\n  Make it smaller.')
  const tooMany = 'config.ini:5001  it has more than 5000 lines  (TOO_LARGE)\n  Make it smaller.'
  assert.equal(told('a\n'.repeat(4999)), undefined)
  assert.equal(told(`${'a\n'.repeat(4999)}a`), undefined, 'the last line need not end')
  assert.equal(told('a\n'.repeat(5000)), undefined)
  assert.equal(told('\n'.repeat(5000)), undefined)
  assert.equal(told(`${'a\n'.repeat(5000)}a`), tooMany)
  assert.equal(told('a\n'.repeat(5001)), tooMany)
  assert.equal(told('\n'.repeat(9000)), tooMany)
  assert.equal(told(''), undefined)
})

function told(text: string): string | undefined {
  const problem = sizeProblem({ file: 'config.ini', text }, 'Make it smaller.')
  return problem && formatProblem(problem)
}
