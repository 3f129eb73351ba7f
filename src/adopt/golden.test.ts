import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { adoptedText, parseAdoptCases } from '../../test/support/adopt-fixture.ts'

const directory = `${import.meta.dirname}/golden`

for (const name of readdirSync(directory)) {
  const cases = parseAdoptCases(readFileSync(`${directory}/${name}`, 'utf8'))
  if (process.env['UPDATE_GOLDEN'] === '1')
    writeFileSync(`${directory}/${name}`, cases.map((one) => `${one.input}${adoptedText(one)}\n`).join(''))
  else
    for (const one of cases)
      test(`${one.about} is adopted as ${name} says`, () => assert.equal(adoptedText(one).trimEnd(), one.expected.trimEnd()))
}
