import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Millis } from '../../time.ts'
import type { PluginReport, ProblemReport } from '../protocol.ts'
import { developerPage, isInTrouble, POLICY } from './page.ts'

const EVIL = '"><img src=x onerror=alert(1)>\u001b[2J'

function failing(output: string): PluginReport {
  const reason = { kind: 'exited', exit: { code: 1, signal: null } } as const
  const slot = {
    slot: 1,
    actual: 'failed',
    pid: null,
    generation: 3,
    restarts: 2,
    failures: 2,
    since: null,
    lastRestart: { cause: 'failed', at: 5 as Millis, reason, output },
    retryAt: null,
  } as const
  return {
    ...{ name: 'blog', version: 'dev_link', release: 'dev_link', summary: '', home: '/b', url: '', leaving: 0, daemons: [] },
    state: 'failing',
    apps: [
      { name: 'main', type: 'node', url: '', isServed: true, held: 0, socket: undefined, slots: [slot], file: '/b/config.ini' },
    ],
    problems: [],
  }
}

const refused = (problems: readonly ProblemReport[]): PluginReport => ({ ...failing(''), state: 'refused', apps: [], problems })
const problem = (code: string, message: string): ProblemReport => ({
  code,
  message,
  fix: 'Fix it.',
  file: '/b/config.ini',
  line: 7,
})

test('nothing that a worker or a file says becomes a part of the page', () => {
  const pages = [failing(EVIL), refused([problem('INI_BAD_VALUE', EVIL)]), { ...failing(''), home: EVIL }]
  for (const plugin of pages) {
    const { body } = developerPage(plugin, [], 'html', 'abc')
    assert.doesNotMatch(body, /<img|\u001b/)
    assert.match(body, /&quot;&gt;&lt;img src=x onerror=alert\(1\)&gt;\\x1b\[2J/)
  }
  assert.doesNotMatch(developerPage(failing(EVIL), [], 'text', 'abc').body, /\u001b/)
  assert.match(POLICY, /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; connect-src 'self';/)
})

test('the same trouble at another moment is the same edition, and another trouble is another one', () => {
  const edition = (plugin: PluginReport): string => developerPage(plugin, [], 'html', 'abc').edition
  assert.equal(edition(failing('12:00:01 no port 80')), edition(failing('12:00:59 no port 81')))
  assert.notEqual(edition(failing('no port')), edition(failing('no name')))
  assert.notEqual(edition(failing('')), edition(refused([])))
})

test('a worker that does not answer yet is told with what it has written, and for how long', () => {
  const plugin: PluginReport = { ...refused([]), state: 'starting' }
  const at = (forMs: number, output: string, format: 'html' | 'text' = 'html') =>
    developerPage(plugin, [{ app: 'main', forMs, withinMs: 60_000, output }], format, 'abc')
  const { body } = at(4000, `waiting for ${EVIL}`)
  assert.match(
    body,
    /<h1>The plugin blog is starting<\/h1>[\s\S]*<h2>main has been starting for 4 s and does not answer yet<\/h2>/,
  )
  assert.match(body, /It may take 60 s \(start_timeout\)\.[\s\S]*waiting for &quot;&gt;&lt;img/)
  assert.match(
    at(4000, 'no port', 'text').body,
    /^503 The plugin blog is starting\nmain has been starting for 4 s .*\n.*\nno port\n/,
  )
  assert.equal(at(4000, 'a').edition, at(4600, 'a').edition)
  assert.notEqual(at(4000, 'a').edition, at(4000, 'b').edition)
  assert.notEqual(at(4000, 'a').edition, at(40_000, 'a').edition)
})

test('what keeps it from serving stands before what does not', () => {
  const all = [problem('ERROR_PAGE', 'a warning'), problem('INI_BAD_VALUE', 'an error')]
  const { body } = developerPage(refused(all), [], 'text', 'abc')
  assert.deepEqual(body.split('\n').slice(0, 2), ['503 The plugin blog is refused', '/b/config.ini:7  an error  (INI_BAD_VALUE)'])
  const told = JSON.parse(developerPage(refused(all), [], 'json', 'abc').body) as { detail: string; problems: readonly unknown[] }
  assert.deepEqual([told.detail, told.problems.length], ['an error', 2])
})

test('a plugin that serves, or only starts, is in no trouble', () => {
  assert.equal(isInTrouble({ ...failing(''), state: 'serving', apps: [] }), false)
  assert.equal(isInTrouble({ ...failing(''), state: 'starting', apps: [] }), false)
  assert.equal(isInTrouble({ ...failing(''), state: 'starting' }), true)
  assert.equal(isInTrouble(refused([])), true)
})
