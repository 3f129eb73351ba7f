import assert from 'node:assert/strict'
import { test } from 'node:test'
import { box } from './table.ts'

test('a listing is a box of single lines with its title in the upper one', () => {
  const rows = [
    ['blog', '1.2', '1', '/srv/blog'],
    ['shop', 'dev_link', 'dev_link', '/home/me/shop'],
  ]
  assert.equal(
    box({ title: 'Installed plugins (2)', head: ['Name', 'Version', 'Release', 'Home'], rows }),
    `
┌Installed plugins (2)───────┬───────────────┐
│ Name │ Version  │ Release  │ Home          │
├──────┼──────────┼──────────┼───────────────┤
│ blog │ 1.2      │ 1        │ /srv/blog     │
│ shop │ dev_link │ dev_link │ /home/me/shop │
└──────┴──────────┴──────────┴───────────────┘`.trimStart(),
  )
})

test('the box is as wide as its title, and a cell may have several lines', () => {
  assert.equal(
    box({ title: 'A long title', rows: [['a', 'é\n𝄞𝄞']] }),
    `
┌A long title┐
│ a │ é      │
│   │ 𝄞𝄞     │
└───┴────────┘`.trimStart(),
  )
})
