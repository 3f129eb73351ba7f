import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fitsAll, nodeWishes } from './node-wishes.ts'

const root = mkdtempSync(join(tmpdir(), 'mfwishes'))
after(() => rmSync(root, { recursive: true, force: true }))

test('what .nvmrc, .node-version and engines say is understood as their tools understand it', () => {
  const cases: readonly {
    readonly file: string
    readonly text: string
    readonly fits: string
    readonly not: string | undefined
  }[] = [
    { file: '.nvmrc', text: '20', fits: '20.18.1', not: '22.0.0' },
    { file: '.nvmrc', text: 'v18.17', fits: '18.17.3', not: '18.18.0' },
    { file: '.nvmrc', text: '# a comment\nlts/Iron\n', fits: '20.1.0', not: '22.1.0' },
    { file: '.nvmrc', text: 'lts/*\n', fits: '26.1.0', not: undefined },
    { file: '.nvmrc', text: 'node', fits: '1.0.0', not: undefined },
    { file: '.node-version', text: '22.11.0\r\n', fits: '22.11.0', not: '22.11.1' },
    { file: 'package.json', text: '{"engines": {"node": ">=18 <21 || ^24"}}', fits: '24.3.0', not: '22.0.0' },
    { file: 'package.json', text: '{"engines": {"npm": ">=9"}}', fits: '1.0.0', not: undefined },
    { file: 'package.json', text: '{"engines": ["node >= 0.8"]}', fits: '26.0.0', not: undefined },
  ]
  for (const { file, text, fits, not } of cases) {
    writeFileSync(join(root, file), text)
    const fitsHere = fitsAll(nodeWishes(root))
    assert.ok(fitsHere(fits), text)
    if (not !== undefined) assert.ok(!fitsHere(not), text)
    rmSync(join(root, file))
  }
})

test('each of two wishes counts, with the line that says it, and one that is no version is told and does not count', () => {
  writeFileSync(join(root, '.nvmrc'), '\nnewest\n')
  writeFileSync(join(root, 'package.json'), '{\n "engines": {\n  "node": "22"\n }\n}\n')
  const wishes = nodeWishes(root)
  assert.deepEqual(
    wishes.map(({ written, range, where }) => [written, range === undefined, where.line]),
    [
      ['newest', true, 2],
      ['22', false, 3],
    ],
  )
  assert.ok(fitsAll(wishes)('22.1.0'))
  assert.ok(!fitsAll(wishes)('20.1.0'))
})
