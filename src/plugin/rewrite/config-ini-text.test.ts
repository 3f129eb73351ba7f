import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { comment } from '../../config/edit/comment.ts'
import { DOCUMENTED_INI, parseIni } from '../../config/ini.ts'
import { APP_KEYS, DAEMON_KEYS, GENERAL_KEYS } from '../keys.ts'
import { configIni, templateValues } from './config-ini-text.ts'

test('a generated config.ini explains each key above it, in the order of the reference', () => {
  const text = configIni({
    general: { vendor: 'MetWork', version: '0.0.1' },
    sections: [
      { name: 'app_main', values: { _mine: '1', rlimit_as: '', max_age: '60' } },
      { name: 'custom', values: { greeting: 'hello\n world', b: '2' } },
    ],
  })
  assert.equal(
    text,
    `[general]
# Version of your plugin. {{MFMODULE_VERSION}} is the version of mfserv.
version=0.0.1

# The organisation that your plugin comes from.
vendor=MetWork

[app_main]
# Limit on the address space of one process, in bytes. Empty: no limit. It
# bounds address space, not memory in use: node, WebAssembly, Go and Java
# reserve far more than they ever use, and do not even start under a small
# limit.
rlimit_as=

# A worker is replaced when it is between max_age and twice max_age seconds
# old, which bounds what leaks. No request is lost by it. 0: never.
max_age=60

_mine=1

[custom]
greeting=hello
    world

b=2
`,
  )
})

test('what is written is read back', () => {
  const value = fc.string().map((text) => text.replaceAll(/[\r\n]/g, ' ').trim())
  const names = (table: object) => fc.constantFrom(...Object.keys(templateValues(table as typeof APP_KEYS)))
  const input = fc.record({
    general: fc.dictionary(names(GENERAL_KEYS), value, { noNullPrototype: true }),
    app: fc.dictionary(names(APP_KEYS), value, { noNullPrototype: true }),
  })
  fc.assert(
    fc.property(input, ({ general, app }) => {
      const ini = parseIni(configIni({ general, sections: [{ name: 'app_main', values: app }] }), 'f', DOCUMENTED_INI)
      assert.deepEqual(ini.problems, [])
      const read = ini.sections.map(({ entries }) => Object.fromEntries(entries.map(({ key, text }) => [key, text])))
      assert.deepEqual(read, [general, app])
    }),
  )
})

test('a comment is wrapped at 78 characters, and a word that is longer keeps its line to itself', () => {
  const [word, rest] = ['x'.repeat(40), 'y'.repeat(35)]
  assert.equal(comment(`${word} ${rest}`), `# ${word} ${rest}`)
  assert.equal(comment(`${word} ${rest}y`), `# ${word}\n# ${rest}y`)
  assert.equal(comment(`${'x'.repeat(90)} a b`), `# ${'x'.repeat(90)}\n# a b`)
  assert.equal(comment(`a ${'x'.repeat(90)}`), `# a\n# ${'x'.repeat(90)}`)
})

test('templates write only the keys that have a value for them', () => {
  assert.deepEqual(templateValues(GENERAL_KEYS), {
    version: '0.0.1',
    summary: 'one line summary',
    license: 'Proprietary',
    url: 'http://yourpluginhomepage',
    maintainer: 'Firstname FAMILYNAME <email>',
    vendor: 'MetWork',
  })
})

test('the defaults of templates set no limit that a runtime does not survive', () => {
  assert.equal(templateValues(APP_KEYS)['rlimit_as'], '')
  assert.equal(templateValues(APP_KEYS)['max_age'], '3600')
  assert.equal(templateValues(DAEMON_KEYS)['max_age'], '0')
})
