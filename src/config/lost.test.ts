import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasLost } from './lost.ts'

const FULL = '[nginx]\nport = 8080\nworkers=2\n\n[empty]\n[plugin_a]\ncolor: red\n'

test('a text has lost something when a section, a key or the end of a line is gone, and not when values change', () => {
  const cases: readonly (readonly [what: string, text: string | undefined, lost: boolean])[] = [
    ['the same', FULL, false],
    ['another value', FULL.replace('8080', '9090'), false],
    ['one key more', `${FULL}size = 3\n`, false],
    ['sections in another order', '[plugin_a]\ncolor=blue\n[empty]\n[nginx]\nworkers = 1\nport = 80\n', false],
    ['nothing', '', true],
    ['no file', undefined, true],
    ['only a beginning', '[nginx]\nport = 8080\n', true],
    ['half of a line', FULL.slice(0, -2), true],
    ['a key in another section', FULL.replace('workers=2\n', '').replace('color', 'workers=2\ncolor'), true],
    ['a section without keys', FULL.replace('[empty]\n', ''), true],
    ['a key behind a #', FULL.replace('workers', '# workers'), true],
  ]
  for (const [what, text, lost] of cases) assert.equal(hasLost(FULL, text), lost, what)
  assert.equal(hasLost(undefined, '[nginx]\n'), false, 'there was none before')
})
