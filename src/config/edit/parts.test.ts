import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildConfig, settingsEnvironment } from '../config.ts'
import { asValue, includesIn, textFilesIn } from './parts.ts'

const VARIABLES = { MFHARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2: '4' }

test('a file is included by its name alone, once, and never by a path; the built-in one is none', () => {
  const text =
    '[INCLUDE_a.ini]\n [ INCLUDE_b.ini ]\n[INCLUDE_a.ini]\n[INCLUDE_config.ini]\n[INCLUDE_../c]\n[INCLUDE_/d]\n[INCLUDE_.e]\n#[INCLUDE_f]\n'
  assert.deepEqual(includesIn(text), ['a.ini', 'b.ini'])
})

test('a value stands for a file when it is nothing but its name', () => {
  assert.deepEqual(textFilesIn('a = ~~~one.txt~~~\nb=~~~ two ~~~ \nc = x ~~~three~~~\nd = ~~~../four~~~\n# e = ~~~five~~~\n'), [
    'one.txt',
    'two',
    'five',
  ])
  assert.equal(asValue('one\r\ntwo\n\nthree\n\n'), 'one;two;;three')
})

test('what a file includes comes in front of what it says itself, and a value has what is in its file', () => {
  const own = '[INCLUDE_house.ini]\n[nginx]\ntimeout = 90\n[shop]\nnames = ~~~names.txt~~~\nnone = ~~~none.txt~~~\n'
  const { config, problems } = buildConfig(
    [
      { layer: 'user', file: '/c/house.ini', text: '[nginx]\ntimeout = 30\nport = 9000\n' },
      { layer: 'user', file: '/c/config.ini', text: own, files: { 'names.txt': 'Ada\nBob\n' }, includes: ['house.ini'] },
    ],
    VARIABLES,
    'GENERIC',
  )
  const environment = settingsEnvironment(config)
  assert.deepEqual([config.settings.nginx.timeout, config.settings.nginx.port], [90, 9000])
  assert.deepEqual([environment['MFSERV_SHOP_NAMES'], environment['MFSERV_SHOP_NONE']], ['Ada;Bob', undefined])
  assert.deepEqual(
    problems.map(({ code, where }) => [code, where?.line]),
    [
      ['INI_IGNORED_SECTION', 4],
      ['INI_BAD_VALUE', 6],
    ],
  )
})
