import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatProblem } from '../problem.ts'
import { nearest } from './nearest.ts'
import { render, renderModule } from './variables.ts'

const WHERE = { file: 'config.ini', line: 3 }
const VARIABLES = { MFHARDWARE_NUMBER_OF_CPU_CORES: '4', HOME: '/home/mfserv', EMPTY: '' }

test('each {{NAME}} of a value is replaced, blanks inside the braces or not', () => {
  const { text, problems } = render('{{ HOME }}/x{{MFHARDWARE_NUMBER_OF_CPU_CORES}}{{EMPTY}} {one} {', VARIABLES, WHERE)
  assert.deepEqual([text, problems], ['/home/mfserv/x4 {one} {', []])
})

test('a variable that does not exist reads as empty, with a warning that names the nearest one', () => {
  const { text, problems } = render('a{{MFHARDWARE_NUMBER_OF_CPU_CORE}}b{{toString}}', VARIABLES, WHERE)
  assert.equal(text, 'ab')
  assert.deepEqual(problems.map(formatProblem), [
    'config.ini:3  there is no variable MFHARDWARE_NUMBER_OF_CPU_CORE, so it reads as empty  (INI_UNKNOWN_VARIABLE)\n  Did you mean "MFHARDWARE_NUMBER_OF_CPU_CORES"? Name a variable of the environment, or write the value itself.',
    'config.ini:3  there is no variable toString, so it reads as empty  (INI_UNKNOWN_VARIABLE)\n  Name a variable of the environment, or write the value itself.',
  ])
})

test('braces that are not closed in their line stay as they are, and empty ones are refused', () => {
  const { text, problems } = render('{{HOME}} {{HOME\n}} {{HOME}} }} {{', VARIABLES, WHERE)
  assert.deepEqual([text, problems], ['/home/mfserv {{HOME\n}} /home/mfserv }} {{', []])
  const empty = render('a{{}}b{{ }}c', VARIABLES, WHERE)
  assert.equal(empty.text, 'abc')
  assert.deepEqual(
    empty.problems.map(({ message }) => message),
    ['"{{}}" is not the name of a variable', '"{{ }}" is not the name of a variable'],
  )
})

test('the first fifty unknown variables of a file get a hint, those of the values before counted too', () => {
  const hints = (count: number, faults?: number) =>
    render('{{HOM}}'.repeat(count), VARIABLES, WHERE, faults).problems.map(({ fix }) => fix?.startsWith('Did you mean "HOME"? '))
  assert.deepEqual(hints(51), [...Array(50).fill(true), false])
  assert.deepEqual(hints(2, 49), [true, false])
  assert.deepEqual(hints(1, 50), [false])
})

test('the filters of Jinja that values use are followed, and what is missing in them is told', () => {
  const { text, problems } = render(
    '{{ HOME|upper }} {{NONE|default("7")}} {{getenv("HOME")}} {{EMPTY or HOME}}',
    VARIABLES,
    WHERE,
  )
  assert.deepEqual([text, problems], ['/HOME/MFSERV 7 /home/mfserv /home/mfserv', []])
  assert.equal(render('{{ NONE|upper }}', VARIABLES, WHERE).problems[0]?.code, 'INI_UNKNOWN_VARIABLE')
  const old = render('{{MODULE_HOME|lower}}', { MFMODULE_HOME: '/OPT' }, WHERE)
  assert.equal(old.text, '/opt')
  assert.deepEqual(
    old.problems.map(({ code }) => code),
    ['OLD_NAME'],
  )
  assert.deepEqual(render('{{MODULE_HOME}}', { MODULE_HOME: '/own', MFMODULE_HOME: '/opt' }, WHERE).text, '/own')
  assert.equal(render('{{NONE.x}}', VARIABLES, WHERE).problems[0]?.code, 'INI_BAD_VALUE')
})

test('an expression that goes on and on is refused, not followed', () => {
  const { problems } = render(`{{${'('.repeat(100_000)}HOME}}`, VARIABLES, WHERE)
  assert.equal(problems[0]?.code, 'INI_BAD_VALUE')
  const nested = render(`{{${'('.repeat(240)}HOME${')'.repeat(240)}}}`, VARIABLES, WHERE)
  assert.equal(nested.text, '/home/mfserv')
})

test('an expression between the braces is refused instead of being half understood', () => {
  assert.deepEqual(render('{{ HOME + 1 }}', VARIABLES, WHERE).problems.map(formatProblem), [
    'config.ini:3  "{{ HOME + 1 }}" is not the name of a variable  (INI_BAD_VALUE)\n  Write {{NAME}}.',
  ])
})

test('the configuration of the module also knows the older @@@NAME@@@', () => {
  assert.equal(renderModule('@@@HOME@@@/log', VARIABLES, WHERE).text, '/home/mfserv/log')
})

test('the nearest name is found for typing errors and not for other words', () => {
  const names = ['workers', 'timeout', 'max_age', 'debug']
  const found = ['wrokers', 'WORKER', 'time_out', 'maxage', 'debgu', 'x', 'completely_else'].map((name) => nearest(name, names))
  assert.deepEqual(found, ['workers', 'workers', 'timeout', 'max_age', 'debug', undefined, undefined])
  assert.equal(nearest('NOPE', ['HOME']), undefined)
})
