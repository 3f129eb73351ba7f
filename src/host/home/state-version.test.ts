import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { recordState, refuseNewerState } from './state-version.ts'

const directory = mkdtempSync(join(tmpdir(), 'mfstate'))
const paths = { stateVersion: join(directory, 'var/state-version') }
after(() => rmSync(directory, { recursive: true, force: true }))

test('a home of this version, of an older one, and one without a version are taken', () => {
  refuseNewerState(paths, '1.0')
  assert.equal(recordState(paths, '1.0'), undefined)
  for (const text of [readFileSync(paths.stateVersion, 'utf8'), '{"version":0}\n', '', '\n']) {
    writeFileSync(paths.stateVersion, text)
    refuseNewerState(paths, '1.0')
  }
})

test('a home of a newer version is refused with who has written it, one that cannot be understood too', () => {
  for (const [text, said, fix] of [
    [
      '{"version":2,"by":"3.1"}',
      /^mfserv 3\.1 has written .* version 2; this is mfserv 1\.0, which knows version 1$/,
      /^Install mfserv 3\.1 again/,
    ],
    ['{"version":2}', /^a newer mfserv has written .* version 2;/, /^Install the newer mfserv again/],
    ['state two', /with a state of an unknown version;/, /^Install the newer mfserv again/],
  ] as const) {
    writeFileSync(paths.stateVersion, text)
    assert.throws(() => refuseNewerState(paths, '1.0'), { code: 'STATE_NEWER', message: said, fix })
  }
})
