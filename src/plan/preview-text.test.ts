import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '../problem.ts'
import { exitCodeOf, type Preview } from './preview.ts'
import { previewText } from './preview-text.ts'

const NOTHING: Preview = {
  plugin: 'blog',
  kind: 'nothing',
  before: { version: '1.0', release: '1' },
  after: { version: '1.0', release: '1' },
  routes: { added: [], removed: [], conflicts: [], taken: [], given: [] },
  workers: [],
  memory: { before: 0, after: 0, peak: 0, free: undefined, isShort: false, apps: [] },
  configuration: [],
  environment: [],
  cron: [],
  dangers: [],
  nginx: 'untouched',
  renewed: [],
  problems: [],
  isRefused: false,
}
const REPLACED: Preview = { ...NOTHING, kind: 'replace', after: { version: '1.1', release: '2' } }
const UNTOUCHED = 'nginx:\n  not reloaded: the routes stay as they are'
const problem = new Problem('ROUTE_CONFLICT', 'the route "/x" is taken', 'Choose another one.')

/** The lines of one block. */
function block(title: string, change: Partial<Preview>): readonly string[] {
  const lines = previewText({ ...REPLACED, ...change }).split('\n')
  const start = lines.indexOf(`${title}:`) + 1
  const end = lines.findIndex((line, at) => at >= start && !line.startsWith('  '))
  return start === 0 ? [] : lines.slice(start, end < 0 ? undefined : end)
}

test('the first line says what would be done, and what nothing would change is told in one line', () => {
  const { before, after } = REPLACED
  const said: readonly (readonly [change: Partial<Preview>, text: string])[] = [
    [{}, `blog 1.0-1 would be replaced by 1.1-2.\n${UNTOUCHED}`],
    [{ kind: 'install', before: undefined, after }, `blog 1.1-2 would be installed.\n${UNTOUCHED}`],
    [{ kind: 'remove', before, after: undefined }, `blog 1.0-1 would be removed.\n${UNTOUCHED}`],
    [{ isRefused: true }, `blog would be refused, and what is served now would go on.\n${UNTOUCHED}`],
    [{ kind: 'nothing', isRefused: true }, `blog would be refused, and what is served now would go on.\n${UNTOUCHED}`],
    [{ kind: 'nothing' }, 'Nothing would change: blog is as it would be.'],
    [
      { kind: 'nothing', problems: [problem] },
      'Nothing would change: blog is as it would be.\nthe route "/x" is taken  (ROUTE_CONFLICT)\n  Choose another one.',
    ],
  ]
  for (const [change, text] of said) assert.equal(previewText({ ...REPLACED, ...change }), text)
  assert.deepEqual(
    said.map(([change]) => exitCodeOf({ ...REPLACED, ...change })),
    [2, 2, 2, 1, 1, 0, 0],
  )
})

test('each route has a line that says what becomes of it', () => {
  const one = (route: string) => ({ app: 'main', route })
  const routes = {
    added: [one('/new')],
    removed: [one('/old')],
    conflicts: [{ ...one('/status'), owner: 'mfserv itself' }],
    taken: [{ ...one('/maps'), plugin: 'zoo' }],
    given: [{ ...one('/free'), plugin: 'zoo' }],
  }
  assert.deepEqual(block('Routes', { routes }), [
    '  + /new (app main)',
    '  - /old (app main)',
    '  ! /status of app main would not be served: it belongs to mfserv itself',
    '  ! /maps would be taken away from zoo/main',
    '    /free would go to zoo/main',
  ])
})

test('workers and daemons are told apart, with how many there were and would be, and how they are replaced', () => {
  const workers: Preview['workers'] = (['app', 'daemon'] as const).flatMap((kind) => {
    const at = kind === 'daemon' ? '@' : ''
    return [
      { app: `${at}new`, kind, before: 0, after: 2, change: 'added' },
      { app: `${at}old`, kind, before: 3, after: 0, change: 'removed' },
      { app: `${at}same`, kind, before: 2, after: 2, change: 'kept' },
      { app: `${at}more`, kind, before: 1, after: 2, change: 'kept' },
      { app: `${at}other`, kind, before: 2, after: 2, change: 'replaced' },
    ]
  })
  const lines = ['  + new: 2', '  - old: 3', '    same: 2, goes on as it is', '    more: 1 → 2, goes on as it is']
  assert.deepEqual(block('Workers', { workers }), [...lines, '  ~ other: 2, replaced one beside the other'])
  assert.deepEqual(block('Daemons', { workers }), [...lines, '  ~ other: 2, ended, then started anew'])
})

test('memory is told in whole megabytes, rounded, with what is free when that is known', () => {
  const apps = [
    { app: 'main', perWorker: 1_500_000, basis: 'measured' },
    { app: 'api', perWorker: 1_499_999, basis: 'estimate' },
  ] as const
  const memory = { before: 0, after: 3_000_000, peak: 4_500_000, free: undefined, isShort: false, apps }
  const ofApps = [
    '    main: 2 MB for each worker, as its workers have now',
    '    api: 1 MB for each worker, an estimate for its type',
  ]
  assert.deepEqual(block('Memory', { memory }), ['  0 MB → 3 MB, at most 5 MB meanwhile', ...ofApps])
  assert.deepEqual(block('Memory', { memory: { ...memory, free: 4_000_000, isShort: true, apps: apps.slice(0, 1) } }), [
    '  0 MB → 3 MB, at most 5 MB meanwhile; free now: 4 MB',
    '  ! that is more than is free',
    ...ofApps.slice(0, 1),
  ])
  assert.deepEqual(block('Memory', { memory: { ...memory, apps: [] } }), [])
})

test('a value that comes, goes or changes has one line, whatever is in it', () => {
  const values = [
    { name: 'NEW', before: undefined, after: 'a\nb\nc' },
    { name: 'OLD', before: 'x', after: undefined },
    { name: 'BOTH', before: '', after: 'y' },
  ]
  const lines = ['  + NEW: a b c', '  - OLD: x', '  ~ BOTH: (nothing) → y']
  assert.deepEqual(block('Configuration', { configuration: values }), lines)
  assert.deepEqual(block('Environment', { environment: values }), lines)
  assert.deepEqual(block('Cron jobs', { cron: values }), ['  + a b c', '  - x', '  ~ (nothing) → y'])
})

test('what becomes of nginx and of other plugins, dangers and problems stand at the end', () => {
  const danger = { kind: 'debug', level: 'danger', app: 'main', subject: 'debug=1', why: 'shows code' } as const
  const text = previewText({ ...REPLACED, renewed: ['shop', 'tax'], nginx: 'reload', dangers: [danger], problems: [problem] })
  assert.equal(
    text,
    `blog 1.0-1 would be replaced by 1.1-2.
Other plugins:
  workers renewed, because they use blog: shop, tax
nginx:
  reloaded once
The plugin blog is dangerous: it can affect other plugins, or be abused.
  app main: debug=1: shows code
the route "/x" is taken  (ROUTE_CONFLICT)
  Choose another one.`,
  )
  assert.deepEqual(block('Other plugins', { renewed: ['shop'] }), ['  workers renewed, because they use blog: shop'])
  assert.deepEqual(block('nginx', { nginx: 'off' }), ['  not touched: [nginx] flag is 0'])
})
