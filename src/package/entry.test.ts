import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '../problem.ts'
import { newGate, type RawEntry, type SafeEntry } from './entry.ts'

const BOUNDS = { entries: 20, bytes: 1000, stream: 2000, text: 100 }
const WHERE = { file: 'a.plugin' }
const EMPTY: RawEntry = { name: '', type: 'file', mode: 0o644, size: 0, target: undefined }

test('each entry that could reach out of the plugin, or harm the machine, is refused by its name', () => {
  const cases: readonly { readonly entries: readonly Partial<RawEntry>[]; readonly because: RegExp }[] = [
    { entries: [{ name: '/etc/passwd' }], because: /"\/etc\/passwd" is an absolute path/ },
    { entries: [{ name: 'metwork_plugin/../../x' }], because: /"metwork_plugin\/\.\.\/\.\.\/x" has \.\. in its path/ },
    { entries: [{ name: 'other/x' }], because: /"other\/x" is not in metwork_plugin\// },
    { entries: [{ name: 'metwork_plugin//x' }], because: /is no plain path/ },
    { entries: [{ name: 'metwork_plugin/./x' }], because: /is no plain path/ },
    { entries: [{ name: 'metwork_plugin' }], because: /is a file where the plugin should be/ },
    { entries: [{ name: 'metwork_plugin/a\nb' }], because: /control characters/ },
    { entries: [{ name: 'metwork_plugin/a\u202eb' }], because: /control characters/ },
    { entries: [{ name: 'metwork_plugin/a\ufffdb' }], because: /invalid UTF-8/ },
    { entries: [{ name: `metwork_plugin/${'x'.repeat(256)}` }], because: /too long/ },
    { entries: [{ name: `metwork_plugin/${'é'.repeat(200)}` }], because: /too long/ },
    { entries: [{ name: `metwork_plugin/${'a/'.repeat(100)}x` }], because: /is in more than 100 directories/ },
    { entries: [{ name: `metwork_plugin/${'🦜/'.repeat(500)}x` }], because: /too long/ },
    { entries: [{ name: 'metwork_plugin/x', mode: 0o4755 }], because: /"metwork_plugin\/x" has a setuid, setgid or sticky bit/ },
    { entries: [{ name: 'metwork_plugin/x', mode: 0o2755 }], because: /setgid/ },
    { entries: [{ name: 'metwork_plugin/x', mode: 0o1755 }], because: /sticky/ },
    { entries: [{ name: 'metwork_plugin/x', type: 'link', target: 'metwork_plugin/y' }], because: /is a hard link/ },
    { entries: [{ name: 'metwork_plugin/x', type: 'character-device' }], because: /is a device/ },
    { entries: [{ name: 'metwork_plugin/x', type: 'block-device' }], because: /is a device/ },
    { entries: [{ name: 'metwork_plugin/x', type: 'fifo' }], because: /is a pipe/ },
    { entries: [{ name: 'metwork_plugin/x', type: undefined }], because: /is neither a file, a directory nor a link/ },
    { entries: [{ name: 'metwork_plugin/x', size: -1 }], because: /no readable size/ },
    { entries: [{ name: 'metwork_plugin/x' }, { name: 'metwork_plugin/x' }], because: /stands twice/ },
    {
      entries: [{ name: 'metwork_plugin/x' }, { name: 'metwork_plugin/X' }],
      because: /"metwork_plugin\/X" differs from "x" only in case/,
    },
    {
      entries: [{ name: 'metwork_plugin/d/x' }, { name: 'metwork_plugin/D/y' }],
      because: /"metwork_plugin\/D\/y" differs from "d"/,
    },
    { entries: [{ name: 'metwork_plugin/d/x' }, { name: 'metwork_plugin/d' }], because: /stands twice/ },
    { entries: [{ name: 'metwork_plugin/d' }, { name: 'metwork_plugin/d/x' }], because: /is below "d", which is a file/ },
    { entries: [link('d', 'e'), { name: 'metwork_plugin/d/x' }], because: /is below "d", which is a link/ },
    { entries: [{ name: 'metwork_plugin/d/x' }, link('d', 'e')], because: /stands twice/ },
    { entries: [{ name: 'metwork_plugin/x/' }], because: /is no plain path/ },
    { entries: [{ name: 'metwork_plugin', type: 'symlink', target: 'x' }], because: /is a link where the plugin should be/ },
    {
      entries: [{ name: 'metwork_plugin/a/b/x' }, { name: 'metwork_plugin/a/B/y' }],
      because: /"metwork_plugin\/a\/B\/y" differs from "a\/b" only in case/,
    },
    {
      entries: [{ name: 'metwork_plugin/a/b' }, { name: 'metwork_plugin/a/b/c/d' }],
      because: /is below "a\/b", which is a file/,
    },
    {
      entries: [{ name: 'metwork_plugin/a/b/c' }, { name: 'metwork_plugin/a/b/c/d' }],
      because: /is below "a\/b\/c", which is a file/,
    },
    { entries: [directory(''), directory('')], because: /stands twice/ },
    { entries: [directory('d'), directory('d')], because: /stands twice/ },
    { entries: [{ name: 'metwork_plugin/d/x' }, directory('d'), directory('d')], because: /stands twice/ },
    { entries: [{ name: 'metwork_plugin/d/x' }, directory('d'), { name: 'metwork_plugin/d/x' }], because: /stands twice/ },
    { entries: [link('d', 'a\0b')], because: /is a link to no readable path/ },
    { entries: [link('d', 'é/'.repeat(400))], because: /"metwork_plugin\/d" is a link to a path of more than 1024 bytes/ },
    { entries: [link('d', '/etc')], because: /"metwork_plugin\/d" is a link to "\/etc", outside of the plugin/ },
    { entries: [link('d', '../e')], because: /"metwork_plugin\/d" is a link to "\.\.\/e", outside of the plugin/ },
    { entries: [link('a', 'b'), link('b', 'a')], because: /leads in a circle/ },
    {
      entries: [
        { name: 'metwork_plugin/x', size: 600 },
        { name: 'metwork_plugin/y', size: 600 },
      ],
      because: /"metwork_plugin\/y" makes it larger than the 1000 bytes/,
    },
    { entries: Array.from({ length: 21 }, (_, index) => ({ name: `metwork_plugin/${index}` })), because: /more than 20 entries/ },
    { entries: [{ name: `metwork_plugin/${'a/'.repeat(20)}x` }], because: /more than 20 entries/ },
  ]
  for (const { entries, because } of cases) {
    const problems = problemsWith(entries)
    assert.ok(problems.length > 0, String(because))
    assert.match(problems[0]?.message ?? '', because)
    assert.deepEqual([problems[0]?.code, problems[0]?.where], ['RELEASE_UNSAFE', WHERE])
  }
})

test('each bound of an archive and of a name is kept to the last one that it allows', () => {
  const WIDE = { entries: 200, bytes: 1000, stream: 2000, text: 100 }
  const files = (count: number): Partial<RawEntry>[] =>
    Array.from({ length: count }, (_, index) => ({ name: `metwork_plugin/${index}` }))
  const sized = (...sizes: number[]): Partial<RawEntry>[] =>
    sizes.map((size, index) => ({ name: `metwork_plugin/${index}`, size }))
  const ofBytes = (bytes: number): Partial<RawEntry> => ({
    name: `metwork_plugin/${'x'.repeat(200)}/`.padEnd(bytes - 1, `${'y'.repeat(200)}/`).concat('z'),
  })
  const cases: readonly { readonly good: Partial<RawEntry>[]; readonly bad: Partial<RawEntry>[]; readonly because: RegExp }[] = [
    { good: files(200), bad: files(201), because: /^it has more than 200 entries/ },
    { good: [directory(''), ...files(199)], bad: [directory(''), ...files(200)], because: /^it has more than 200 entries/ },
    { good: [directory(''), ...inDirectories(100)], bad: inDirectories(101), because: /^it has more than 200 entries/ },
    { good: sized(400, 600), bad: sized(400, 601), because: /^"metwork_plugin\/1" makes it larger than the 1000 bytes/ },
    { good: [ofBytes(2048)], bad: [ofBytes(2049)], because: /too long/ },
    {
      good: [{ name: `metwork_plugin/${'x'.repeat(255)}` }],
      bad: [{ name: `metwork_plugin/${'x'.repeat(256)}` }],
      because: /too long/,
    },
    {
      good: [{ name: `metwork_plugin/${'a/'.repeat(99)}x` }],
      bad: [{ name: `metwork_plugin/${'a/'.repeat(100)}x` }],
      because: /is in more than 100 directories/,
    },
    { good: [link('l', 'x'.repeat(1024))], bad: [link('l', 'x'.repeat(1025))], because: /more than 1024 bytes/ },
  ]
  for (const { good, bad, because } of cases) {
    assert.deepEqual(problemsWith(good, WIDE), [], String(because))
    assert.match(problemsWith(bad, WIDE)[0]?.message ?? 'admitted', because)
  }
})

test('a file may be executed when anybody may execute it', () => {
  const modes = [0o644, 0o666, 0o744, 0o654, 0o645, 0o755, 0o000]
  const entries = modes.map((mode) => newGate(BOUNDS, WHERE).admit({ ...EMPTY, name: 'metwork_plugin/x', mode, size: 3 }))
  const file = (executable: boolean): SafeEntry => ({ is: 'file', path: 'x', size: 3, executable })
  assert.deepEqual(entries, [false, false, true, true, true, true, false].map(file))
})

test('entries that are deep in many directories cost neither time nor memory', () => {
  const gate = newGate({ entries: 200_000, bytes: 1000, stream: 2000, text: 100 }, WHERE)
  const admit = (index: number): unknown => gate.admit({ ...EMPTY, name: `metwork_plugin/${index}/${'a/'.repeat(95)}x` })
  const before = process.cpuUsage()
  const problem = Array.from({ length: 3000 }, (_, index) => admit(index)).find((one) => one instanceof Problem)
  assert.match(problem?.message ?? '', /more than 200000 entries/)
  // Of the processor, whatever else the machine is busy with: 46 s where each directory was counted anew.
  assert.ok(process.cpuUsage(before).user < 10_000_000)
})

test('what tar programs write is admitted: directories with a slash or not, before or after their files, ./ in front', () => {
  const entries: readonly Partial<RawEntry>[] = [
    { name: './metwork_plugin/', type: 'directory' },
    { name: './metwork_plugin/main/wsgi.py' },
    { name: './metwork_plugin/main', type: 'directory' },
    { name: 'metwork_plugin/bin/run', mode: 0o755, type: 'contiguous-file' },
    { name: 'metwork_plugin/grüße.txt' },
    { name: `metwork_plugin/${'é'.repeat(127)}` },
    link('long', 'é/'.repeat(340)),
    link('node_modules/.bin/x', '../x/cli.js'),
  ]
  assert.deepEqual(problemsWith(entries), [])
})

test('no admitted path leaves the plugin, and no two are one on a disk, whatever the names are', () => {
  const part = fc.oneof(
    fc.constantFrom('metwork_plugin', '..', '.', '', 'a', 'A', 'b', 'ß', 'con', '\0', '\n'),
    fc.string({ unit: 'binary', maxLength: 6 }),
  )
  const name = fc.oneof(
    fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
    fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => ['metwork_plugin', ...parts].join('/')),
  )
  const type = fc.constantFrom('file', 'directory', 'symlink')
  fc.assert(
    fc.property(fc.array(fc.record({ name, type, target: name }), { maxLength: 15 }), (entries) => {
      const gate = newGate({ ...BOUNDS, entries: 100 }, WHERE)
      const seen = new Map<string, string>()
      for (const { name, type, target } of entries) {
        const entry = gate.admit({ name, type, mode: 0o644, size: 0, target })
        if (entry instanceof Problem) continue
        const parts = entry.path.split('/')
        assert.ok(!parts.includes('..') && !parts.includes('.') && !entry.path.startsWith('/'), entry.path)
        assert.ok(entry.path === '' ? entry.is === 'directory' : !parts.includes(''), entry.path)
        assert.doesNotMatch(entry.path, /[\x00-\x1f\x7f]/)
        const folded = entry.path.toLowerCase()
        assert.equal(seen.has(folded), false, entry.path)
        for (const index of parts.keys()) assert.notEqual(seen.get(parts.slice(0, index).join('/').toLowerCase()), 'file')
        seen.set(folded, entry.is === 'directory' ? 'directory' : 'file')
      }
    }),
  )
})

function link(path: string, target: string): Partial<RawEntry> {
  return { name: `metwork_plugin/${path}`, type: 'symlink', target }
}

function directory(path: string): Partial<RawEntry> {
  return { name: `metwork_plugin/${path}`, type: 'directory' }
}

/** As many files, each in a directory that stands nowhere itself. */
function inDirectories(count: number): Partial<RawEntry>[] {
  return Array.from({ length: count }, (_, index) => ({ name: `metwork_plugin/${index}/x` }))
}

function problemsWith(entries: readonly Partial<RawEntry>[], bounds = BOUNDS): readonly Problem[] {
  const gate = newGate(bounds, WHERE)
  for (const entry of entries) {
    const admitted = gate.admit({ ...EMPTY, ...entry })
    if (admitted instanceof Problem) return [admitted]
  }
  return gate.close()
}
