import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { systemProblem } from './disk-problem.ts'

const directory = mkdtempSync(join(tmpdir(), 'mfserv-disk-'))
after(() => rmSync(directory, { recursive: true }))
const at = (name: string): string => join(directory, name)

test('what the system refuses because of a path is told with that path and a fix', () => {
  writeFileSync(at('file'), '')
  symlinkSync(at('circle'), at('circle'))
  const cases: readonly (readonly [() => unknown, RegExp, string | undefined])[] = [
    [() => readFileSync(at('file/below')), /a part of the path is no directory/, at('file/below')],
    [() => mkdirSync(at('file'), { recursive: true }), /a file is there, where a directory is needed/, at('file')],
    [() => writeFileSync(directory, ''), /it is a directory, where a file is needed/, directory],
    [() => readFileSync(at('circle')), /links lead in a circle/, at('circle')],
    [() => mkdirSync(at('x'.repeat(300))), /too long/, at('x'.repeat(300))],
    [() => readFileSync(directory), /it is a directory/, undefined],
  ]
  for (const [call, what, file] of cases) {
    const problem = systemProblem(thrownBy(call))
    assert.equal(problem?.code, 'DISK')
    assert.match(problem.message, what)
    assert.notEqual(problem.fix, '')
    assert.equal(problem.where?.file, file)
  }
})

test('a file that we should have looked for, and any other error, stays a fault of ours', () => {
  assert.equal(systemProblem(thrownBy(() => readdirSync(at('nowhere')))), undefined)
  assert.equal(systemProblem(new Error('EACCES')), undefined)
  assert.equal(systemProblem('EACCES'), undefined)
})

function thrownBy(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  return assert.fail('it threw nothing')
}
