import assert from 'node:assert/strict'
import { test } from 'node:test'
import { processValueFault } from './process-value.ts'

/** What Linux takes, less the `=` and the NUL. */
const MOST_BYTES = 131_070

test('a value may be as long as Linux takes it with its name, counted in bytes, and not one byte longer', () => {
  for (const [name, letter, bytes] of [
    ['A', 'x', 1],
    ['A_LONG_NAME', 'x', 1],
    ['AB', 'é', 2],
    ['', '€', 3],
    ['AB', '😀', 4],
  ] as const) {
    const value = letter.repeat((MOST_BYTES - name.length) / bytes)
    assert.equal(processValueFault(name, value), undefined, `${name}: ${letter}`)
    assert.deepEqual(processValueFault(name, `${value}x`), {
      message: `${name} is too long for a process: 131073 bytes with its name, of at most 131072`,
      fix: 'Write such a text into a file of the plugin, and the name of the file here.',
    })
  }
})

test('a NUL character anywhere in a value is refused, however short it is', () => {
  for (const value of ['\0', 'a\0', '\0b']) {
    assert.deepEqual(processValueFault('NAME', value), {
      message: 'NAME holds a NUL character, which no process can be given',
      fix: 'Remove the character with the code 0; most editors show it as ^@.',
    })
  }
})
