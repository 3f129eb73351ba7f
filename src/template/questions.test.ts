import assert from 'node:assert/strict'
import { test } from 'node:test'
import { whole } from '../config/value.ts'
import { type Asking, answer, ask, promptOf, type Question, withFallbacks } from './questions.ts'

const VERSION: Question = { kind: 'text', name: 'version', fallback: '0.0.1' }
const LICENSE: Question = { kind: 'choice', name: 'license', choices: ['Proprietary', 'BSD', 'MIT'] }
const WORKERS: Question = { kind: 'text', name: 'workers', fallback: '{{CORES}}', check: whole(0, 9) }
const ALL = [VERSION, LICENSE, WORKERS]

test('a text field shows its default, a choice its numbered values', () => {
  assert.equal(promptOf(VERSION), 'version [0.0.1]: ')
  assert.equal(promptOf(LICENSE), 'Select license:\n1 - Proprietary\n2 - BSD\n3 - MIT\nChoose from 1, 2, 3 [1]: ')
})

test('the answer to a choice is its number, and what counts is the value', () => {
  const cases = [
    { lines: ['1.2', '2', '4'], expect: { version: '1.2', license: 'BSD', workers: '4' } },
    { lines: ['', '', ''], expect: { version: '0.0.1', license: 'Proprietary', workers: '{{CORES}}' } },
    { lines: ['  1.2  ', ' 3 ', ' '], expect: { version: '1.2', license: 'MIT', workers: '{{CORES}}' } },
    {
      lines: ['{{MFMODULE_VERSION}}', '1', '{{MORE}}'],
      expect: { version: '{{MFMODULE_VERSION}}', license: 'Proprietary', workers: '{{MORE}}' },
    },
  ]
  for (const { lines, expect } of cases) {
    const end = lines.reduce(take, ask(ALL))
    assert.deepEqual(end.answers, expect)
    assert.deepEqual(end.open, [])
  }
})

test('a choice is answered by its name too, in whatever case, and yes and no by their first letter', () => {
  const crontab: Question = { kind: 'choice', name: 'crontab', choices: ['no', 'yes'] }
  const cases = [
    { question: LICENSE, line: 'bsd', value: 'BSD' },
    { question: LICENSE, line: 'Proprietary', value: 'Proprietary' },
    { question: crontab, line: 'yes', value: 'yes' },
    { question: crontab, line: 'Y', value: 'yes' },
    { question: crontab, line: 'n', value: 'no' },
    { question: crontab, line: '2', value: 'yes' },
  ]
  for (const { question, line, value } of cases) assert.deepEqual(take(ask([question]), line).answers, { [question.name]: value })
})

test('what a choice means stands behind it', () => {
  const question: Question = {
    kind: 'choice',
    name: 'type',
    choices: ['a', 'long'],
    says: { a: 'the short one', long: 'the other' },
  }
  assert.equal(promptOf(question), 'Select type:\n1 - a     the short one\n2 - long  the other\nChoose from 1, 2 [1]: ')
})

test('a wrong answer says what a right one is, and the question stays open', () => {
  const named = 'one of the numbers 1, 2, 3, or one of the names Proprietary, BSD, MIT'
  for (const line of ['4', '0', '2.0', '1e0', 'Apache', 'y']) {
    assert.deepEqual(answer(ask([LICENSE]), line), { is: 'wrong', expected: named })
  }
  assert.deepEqual(answer(ask([WORKERS]), 'many'), { is: 'wrong', expected: 'a whole number from 0 to 9' })
})

test('a line behind the last answer changes nothing', () => {
  const end = ['1.2', '2', '4'].reduce(take, ask(ALL))
  assert.deepEqual(answer(end, '5'), { is: 'taken', asking: end })
})

test('what was not answered takes its default', () => {
  assert.deepEqual(withFallbacks(take(ask(ALL), '3')), { version: '3', license: 'Proprietary', workers: '{{CORES}}' })
})

function take(asking: Asking, line: string): Asking {
  const step = answer(asking, line)
  assert.equal(step.is, 'taken')
  return step.is === 'taken' ? step.asking : asking
}
