import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DOCUMENTED_INI, LATER_INI, parseIni } from './ini.ts'
import { chooseVariants, configurationName, splitVariant } from './variants.ts'

const TEXT = '[s]\ndebug=0\ndebug[DEV]=1\ndebug[DEV_JOHN]=2\ndebug[DEV_PETER]=3\ndebug[DEV_JOHN_MONDAY]=4\ndebug[QA]=6\n'

test('the variant whose name is the longest beginning of the configuration is chosen', () => {
  const expected = { FOO: '0', DEV_JOHN_FRIDAY: '2', DEV_KATE: '1', DEV_JOHN_QA: '2', FOO_QA: '0', QA5: '0', QA_5: '6', qa: '6' }
  for (const dialect of [DOCUMENTED_INI, LATER_INI]) {
    const entries = parseIni(TEXT, 'f', dialect).sections[0]?.entries ?? []
    const chosen = Object.keys(expected).map((name) => [name, chooseVariants(entries, name)[0]?.text])
    assert.deepEqual(Object.fromEntries(chosen), expected)
  }
})

test('of variants that differ in upper and lower case only, the first counts', () => {
  const entries = parseIni('[s]\na[DEV]=1\na[dev]=2\n', 'f', LATER_INI).sections[0]?.entries ?? []
  assert.deepEqual(
    chooseVariants(entries, 'DEV').map(({ text }) => text),
    ['1'],
  )
})

test('a variant is what stands in the last brackets, at the end of a key', () => {
  const cases: Readonly<Record<string, readonly [key: string, variant: string | undefined]>> = {
    port: ['port', undefined],
    'port[DEV]': ['port', 'DEV'],
    'port [DEV]': ['port', 'DEV'],
    'a[x][D]': ['a[x]', 'D'],
    'a[][D]': ['a[]', 'D'],
    'a[]': ['a', ''],
    'a[b[c]': ['a', 'b[c'],
    'a[b': ['a[b', undefined],
    'a[b]c': ['a[b]c', undefined],
    'a]': ['a]', undefined],
    'a[x]]': ['a[x]]', undefined],
    '[DEV]': ['', 'DEV'],
  }
  const split = Object.keys(cases).map((written) => {
    const { key, variant } = splitVariant(written)
    return [written, [key, variant]]
  })
  assert.deepEqual(Object.fromEntries(split), cases)
})

test('a key that has only variants, none of which fits, is absent', () => {
  const entries = parseIni('[s]\na[DEV]=1\nb=2\n', 'f', LATER_INI).sections[0]?.entries ?? []
  assert.deepEqual(
    chooseVariants(entries, 'PROD').map(({ key }) => key),
    ['b'],
  )
})

test('the configuration is named by MFCONFIG, else by the first line of metwork.config that is no comment, else GENERIC', () => {
  assert.equal(configurationName('PROD', 'DEV'), 'PROD')
  assert.equal(configurationName('', '# the machine\n\n DEV _JOHN \nQA'), 'DEV_JOHN')
  assert.equal(configurationName(undefined, '# nothing'), 'GENERIC')
  assert.equal(configurationName(undefined, undefined), 'GENERIC')
})
