import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { agreedEnvironment, indexesOf, readPipConf } from './index-settings.ts'

const A = 'https://a.example.org/simple'
const B = 'https://b.example.org/simple'

test('uv and pip look in the same places, whichever of them was told', (t) => {
  const home = mkdtempSync(join(tmpdir(), 'mf'))
  t.after(() => rmSync(home, { recursive: true }))
  const put = (file: string, text: string): void => {
    mkdirSync(dirname(join(home, file)), { recursive: true })
    writeFileSync(join(home, file), text)
  }
  const clean = { HOME: home, PIP_CONFIG_FILE: '/dev/null', UV_CONFIG_FILE: join(home, 'none') }
  const cases = [
    [
      { PIP_INDEX_URL: A, PIP_EXTRA_INDEX_URL: `${B} ${A}` },
      { UV_DEFAULT_INDEX: A, UV_EXTRA_INDEX_URL: `${B} ${A}` },
    ],
    [
      { PIP_FIND_LINKS: home, PIP_TRUSTED_HOST: 'a' },
      { UV_FIND_LINKS: home, UV_INSECURE_HOST: 'a' },
    ],
    [{ PIP_FIND_LINKS: '/nonexistent/wheels' }, {}],
    [
      { PIP_NO_INDEX: '1', PIP_FIND_LINKS: home },
      { UV_NO_INDEX: '1', UV_FIND_LINKS: home },
    ],
    [
      { UV_DEFAULT_INDEX: A, UV_INDEX: `named=${B}` },
      { PIP_INDEX_URL: A, PIP_EXTRA_INDEX_URL: B },
    ],
    [{ PIP_INDEX_URL: A, UV_DEFAULT_INDEX: B }, {}],
    [{}, {}],
  ] as const
  for (const [set, added] of cases) assert.deepEqual(agreedEnvironment({ ...clean, ...set }), { ...clean, ...set, ...added })

  put('.config/pip/pip.conf', `[global]\nindex-url = ${A}\n`)
  const ofConf = agreedEnvironment({ HOME: home, UV_CONFIG_FILE: join(home, 'none') })
  assert.equal(ofConf['UV_DEFAULT_INDEX'], A)
  put('.config/uv/uv.toml', `[[index]]\nurl = "${B}"\ndefault = true\n`)
  assert.equal(agreedEnvironment({ HOME: home, PIP_CONFIG_FILE: '/dev/null' })['PIP_INDEX_URL'], B)
  assert.deepEqual(indexesOf({ HOME: home }), [B, A])
})

test('pip.conf is read with values over several lines, comments and several sections', () => {
  const text = `# ours\n[global]\nextra-index-url =\n    ${A}\n    ; no\n    ${B}\ntimeout = 60\n[install]\nfind_links = /srv/wheels\n[freeze]\nindex-url = no\n`
  assert.deepEqual(
    [...readPipConf(text)],
    [
      ['extra-index-url', ` ${A} ${B}`],
      ['timeout', '60'],
      ['find-links', '/srv/wheels'],
    ],
  )
})
