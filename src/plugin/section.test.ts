import assert from 'node:assert/strict'
import { test } from 'node:test'
import { whole } from '../config/value.ts'
import { formatProblem } from '../problem.ts'
import { key } from './key.ts'
import { parsePlugin } from './parse.ts'
import { readSection } from './section.ts'

const GENERAL = '[general]\nversion=1\nsummary=s\nlicense=l\nurl=u\nmaintainer=m\nvendor=v\n'
const LATER_GENERAL = GENERAL.replaceAll(/^(?=\w)/gm, '_')
const APP = '[app_main]\ntype=static\n'

test('a value that comes from a variable is shown as it is written and as it reads', () => {
  assert.deepEqual(problemsOf(`${GENERAL}${APP}timeout={{MANY}}\n`), [
    'config.ini:10  timeout is "{{MANY}}", which reads "many"  (INI_BAD_VALUE)\n  Write a whole number from 0 to 86400.',
  ])
})

test('an accident is named only where it is what spoils the value', () => {
  const fix = (value: string) => problemsOf(`${GENERAL}${APP}timeout=${value}\n`).map((text) => text.split('\n').at(-1))
  const right = 'Write a whole number from 0 to 86400.'
  assert.deepEqual(fix('x'), [`  ${right}`])
  assert.deepEqual(fix('x\n  y=1'), [`  ${right}`])
  assert.deepEqual(fix('x # y'), [`  ${right}`])
  assert.deepEqual(fix('5#y'), [`  ${right}`])
  assert.deepEqual(fix('5  ; y'), [`  A comment needs a line of its own: move "; y" there. ${right}`])
  assert.deepEqual(fix('5\n  y'), [
    `  The line "y" below it is indented, so it continues the value: begin it at the start of the line. ${right}`,
  ])
})

test('an old or idle key without a value is no matter', () => {
  assert.deepEqual(problemsOf(`${GENERAL}packager=\n${APP}proxy_timeout=\n`), [])
  assert.deepEqual(problemsOf(`${LATER_GENERAL}[app_main]\nsmart_stop_signal=\n`), [])
})

test('an idle key is told only when it asks for something else than what is done anyway', () => {
  const later = (line: string) => problemsOf(`${LATER_GENERAL}[app_main]\n${line}\n`)
  assert.deepEqual(later('smart_stop_signal=15'), [])
  assert.deepEqual(later('smart_stop_signal=9'), [
    'config.ini:9  smart_stop_signal has no effect: a worker is ended with SIGTERM (15)  (INI_IGNORED_KEY)\n  Remove the line.',
  ])
})

test('a required key that is indented under several others is told at the first of them', () => {
  const indented = GENERAL.replace('license=l', '  license=l').replace('vendor=v', 'vendor=v\n  license=l')
  assert.deepEqual(problemsOf(indented), [
    'config.ini:3  [general] has no license  (INI_MISSING_KEY)\n  Begin it at the start of its line: indented, it continues the value of summary.',
  ])
})

test('a default that its own key refuses is a mistake of this program, and never read as nothing', () => {
  const section = { name: 'app_x', where: { file: 'f' }, entries: [], defaults: [] }
  const table = { many: key('many', whole(0, 9), '10', 'doc') }
  assert.throws(() => readSection(section, table, { dialect: 'documented', variables: {} }), /the default of many does not read/)
})

test('without a name of the configuration, the variants for GENERIC count', () => {
  const timeout = (variables: Readonly<Record<string, string>>) =>
    parse(`${GENERAL}${APP}timeout=5\ntimeout[GENERIC]=6\ntimeout[DEV]=7\n`, variables).plugin?.apps[0]?.timeout
  assert.deepEqual([timeout({}), timeout({ MFCONFIG: 'DEV' }), timeout({ MFCONFIG: 'PROD' })], [6, 7, 5])
})

function problemsOf(configIni: string): readonly string[] {
  return parse(configIni, { MANY: 'many' }).problems.map(formatProblem)
}

function parse(configIni: string, variables: Readonly<Record<string, string>>) {
  const files = {
    label: { file: '.layerapi2_label', text: 'plugin_blog@mfserv' },
    configIni: { file: 'config.ini', text: configIni },
    dependencies: undefined,
    extraEnv: undefined,
    crontab: undefined,
  }
  return parsePlugin(files, { home: '/plugins/blog', present: () => true, text: () => '' }, variables)
}
