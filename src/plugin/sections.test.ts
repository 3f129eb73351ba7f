import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatProblem } from '../problem.ts'
import { readSections } from './sections.ts'

const APP = 'type=static\n'

test('the keys of a plugin say which dialect it is written in, wherever they stand', () => {
  const dialect = (text: string) => read(text).dialect
  assert.equal(dialect(''), 'documented')
  assert.equal(dialect('[general]\nversion=1\n'), 'documented')
  assert.equal(dialect('[general]\n_version=1\n'), 'later')
  assert.equal(dialect('[app_main]\n_cmd_and_args=x\n'), 'later')
  assert.equal(dialect('[app_main]\nnumprocesses=2\n'), 'later')
  assert.equal(dialect('[app_main]\nnumprocesses[DEV]=2\n'), 'later')
  assert.equal(dialect('[app_main]\nnumprocesses_=2\n'), 'documented')
  // A daemon has this key in both, and a section of the plugin's own may have any.
  assert.equal(dialect('[extra_daemon_x]\nnumprocesses=2\n'), 'documented')
  assert.equal(dialect('[custom]\n_version=1\nnumprocesses=2\n'), 'documented')
  assert.equal(dialect('[custom_app_]\nnumprocesses=2\n'), 'documented')
})

test('each section is what its name says', () => {
  const { general, apps, daemons, custom, problems } = read(
    '[general]\na=1\n[app_a]\na=1\n[extra_daemon_b]\na=1\n[custom]\na=1\n[custom_c]\na=1\n[internal]\na=1\n[_mine]\na=1\n',
  )
  assert.deepEqual(
    [general?.name, ...[apps, daemons, custom].map((all) => all.map(({ name }) => name))],
    ['general', ['app_a'], ['extra_daemon_b'], ['custom', 'custom_c']],
  )
  assert.deepEqual(problems, [])
})

test('what an unknown section was meant for is read from its name, or else from its keys', () => {
  const meant = (name: string, keys: string) => /"(.*?)"/.exec(problemsOf(`[${name}]\n${keys}`)[0]?.split('\n')[1] ?? '')?.[1]
  assert.equal(meant('genral', 'version=1\n'), 'general')
  assert.equal(meant('feed', APP), 'app_feed')
  assert.equal(meant('app', APP), 'app_main')
  assert.equal(meant('ap_main', 'mine=1\ntimeout=5\n'), 'app_main', 'one key of an app is enough')
  assert.equal(meant('ap_main', 'mine=1\n'), undefined)
  assert.equal(meant('my_daemon', 'max_age=5\n'), undefined)
  assert.equal(meant('daemons_feed', ''), 'extra_daemon_feed')
  assert.equal(meant('extra_demon_feed', 'max_age=5\n'), 'extra_daemon_feed')
  assert.equal(meant('extra_demon_feed', 'mine=5\n'), undefined)
  assert.equal(meant('custm', 'a=1\n'), 'custom')
  assert.equal(meant('custm_x', 'a=1\n'), 'custom_x')
})

test('a section that nothing is meant by has no effect in the documented dialect and is refused in the later one', () => {
  const fix = '  Remove it, or name it [custom_redis].'
  assert.deepEqual(problemsOf('[my_old_redis]\nport=1\n'), [
    `config.ini:1  the section [my_old_redis] is not known, so it has no effect  (INI_IGNORED_SECTION)\n${fix}`,
  ])
  assert.deepEqual(problemsOf('[my_old_redis]\nport=1\n[general]\n_version=1\n'), [
    `config.ini:1  the section [my_old_redis] is not known  (INI_UNKNOWN_SECTION)\n${fix}`,
  ])
})

test('a section that others inherit from may have any name', () => {
  const { apps, problems } = read('[base]\ntimeout=5\n[app_a:base]\ntype=static\n')
  assert.deepEqual(problems, [])
  assert.deepEqual(
    apps[0]?.entries.map(({ key }) => key),
    ['type', 'timeout'],
  )
})

test('what is wrong with a line, with a parent and with [DEFAULT] is all told', () => {
  assert.deepEqual(problemsOf('[DEFAULT]\nwrkers=1\nworkers=1\nmax_age[DEV]=1\n[app_a:bse]\ntype\n'), [
    'config.ini:6  cannot read "type"  (INI_SYNTAX)\n  Write key = value, or # in front of a comment.',
    'config.ini:5  app_a inherits from "bse", which is not there  (INI_UNKNOWN_SECTION)\n  Write the name of another section of this file.',
    'config.ini:2  no section has a key "wrkers", so the line has no effect  (INI_IGNORED_KEY)\n  Did you mean "workers"? Otherwise remove the line.',
  ])
})

test('the later dialect has no [DEFAULT]: it is a section like another, and its keys are not looked at', () => {
  assert.deepEqual(problemsOf('[general]\n_version=1\n[DEFAULT]\nwrkers=1\n'), [
    'config.ini:3  the section [DEFAULT] is not known  (INI_UNKNOWN_SECTION)\n  Remove it, or name it [custom_DEFAULT].',
  ])
})

test('a file that is too large has no sections', () => {
  const { problems, ...sections } = read(`[general]\nversion=1\n${'\n'.repeat(6000)}`)
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['TOO_LARGE'],
  )
  assert.deepEqual(sections, { dialect: 'documented', general: undefined, apps: [], daemons: [], custom: [] })
})

function problemsOf(text: string): readonly string[] {
  return read(text).problems.map(formatProblem)
}

function read(text: string) {
  return readSections({ file: 'config.ini', text })
}
