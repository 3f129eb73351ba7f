import assert from 'node:assert/strict'
import { matchesGlob } from 'node:path'
import { test } from 'node:test'
import type { Millis } from '../time.ts'
import { type AuditEntry, auditEntries, auditLine, type Begun, callerText, type Ended, isAbout, withoutSecrets } from './audit.ts'

const begun = (id: string, ...words: readonly string[]): Begun => ({
  is: 'begun',
  id,
  at: 1 as Millis,
  command: 'plugins.x',
  words,
  directory: '/',
  pid: 1,
  by: { user: 'jane', uid: 1 },
})
const ended = (id: string, plugin?: string): Ended => ({
  is: 'ended',
  id,
  at: 2 as Millis,
  outcome: 'ok',
  exitCode: 0,
  problems: [],
  ...(plugin === undefined ? {} : { plugin }),
})

const WORDS: readonly (readonly [string, string])[] = [
  ['blog-1.0.0-1.plugin --force', 'blog-1.0.0-1.plugin --force'],
  ['app_main.db_password hunter2', 'app_main.db_password ***'],
  ['nginx.port 8080', 'nginx.port 8080'],
  ['--api-token=abc', '--api-token=***'],
  ['--token abc --watch 5', '--token *** --watch 5'],
  ['--token --watch', '--token --watch'],
  ['https://me:hunter2@host/x.plugin', 'https://me:***@host/x.plugin'],
  ['password=hunter2', 'password=***'],
]
for (const [typed, kept] of WORDS)
  test(`of "${typed}" the trail keeps "${kept}"`, () => assert.equal(withoutSecrets(typed.split(' ')).join(' '), kept))

test('a command that was killed has no end, and an end without its beginning is none', () => {
  const entries = auditEntries([ended('z'), begun('a'), begun('b'), ended('b'), begun('c'), ended('a')])
  assert.deepEqual(
    entries.map((entry) => [entry.begun.id, entry.ended?.id]),
    [
      ['a', 'a'],
      ['b', 'b'],
      ['c', undefined],
    ],
  )
})

test('a line is read as it was written, and a torn one is none', () => {
  const text = JSON.stringify(begun('a', 'x'))
  assert.deepEqual(auditLine(text), begun('a', 'x'))
  assert.deepEqual(auditLine(JSON.stringify(ended('a'))), ended('a'))
  for (const torn of [
    '',
    text.slice(0, -3),
    '{}',
    '{"id":"a","at":1,"is":"begun"}',
    '{"id":"a","at":1,"is":"begun","words":[],"by":null}',
    '{"id":"a","at":"1","is":"ended","problems":[]}',
  ])
    assert.equal(auditLine(torn), undefined, torn)
})

test('a command is about a plugin that it named, also by a path, a pattern or a release file, or that its release was of', () => {
  const entry = (words: readonly string[], plugin?: string): AuditEntry => ({
    begun: begun('a', ...words),
    ended: plugin === undefined ? undefined : ended('a', plugin),
  })
  for (const words of [
    ['blog'],
    ['blog/'],
    ['/home/jane/blog/'],
    ['b*'],
    ['--force', './blog-1.0.0-1.metwork.mfserv.plugin'],
    ['blog-1.0.0-1.plugin'],
  ])
    assert.ok(isAbout(entry(words), 'blog', matchesGlob), words.join(' '))
  assert.ok(isAbout(entry(['x.plugin'], 'blog'), 'blog', matchesGlob))
  for (const words of [[], ['shop'], ['blog-2'], ['blogs-1.0.0-1.plugin'], ['s*']])
    assert.ok(!isAbout(entry(words), 'blog', matchesGlob), words.join(' '))
})

test('who it was reads with where they were', () => {
  assert.equal(callerText({ user: 'jane', uid: 1 }), 'jane')
  assert.equal(
    callerText({ user: 'mf', uid: 1, sudoUser: 'jane', terminal: 'pts/3', ssh: '10.0.0.5' }),
    'jane as mf pts/3 from 10.0.0.5',
  )
  assert.equal(callerText({ user: 'mf', uid: 1, parent: 'cron' }), 'mf cron')
})
