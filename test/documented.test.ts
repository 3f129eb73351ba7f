import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { CERTIFICATE_SETTINGS } from '../src/config/settings/certificate-settings.ts'
import { SETTINGS } from '../src/config/settings.ts'
import type { Key } from '../src/config/value.ts'
import { METRICS } from '../src/metrics/page/metrics.ts'
import type { Table } from '../src/plugin/key.ts'
import { APP_KEYS, DAEMON_KEYS, GENERAL_KEYS } from '../src/plugin/keys.ts'
import { PROBLEMS } from '../src/problem.ts'
import { RUNTIMES } from '../src/runtime/runtime.ts'

const REFERENCE = join(import.meta.dirname, '../docs/reference')

const PAGES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'config-ini.md': {
    '[general]': pluginBlocks(GENERAL_KEYS),
    '[app_<name>]': pluginBlocks(APP_KEYS),
    '[extra_daemon_<name>]': pluginBlocks(DAEMON_KEYS),
  },
  'module-config.md': {
    ...Object.fromEntries(Object.entries(SETTINGS).map(([section, keys]) => [`[${section}]`, settingBlocks(keys)] as const)),
    '[certificate_<name>]': settingBlocks(CERTIFICATE_SETTINGS),
  },
}

for (const [page, sections] of Object.entries(PAGES)) {
  test(`${page} documents exactly the keys that exist, with what they mean and their defaults`, () => {
    const file = join(REFERENCE, page)
    const text = readFileSync(file, 'utf8')
    const expected = withBlocks(text, sections)
    // The prose between a section's heading and its first key is written by hand, the rest follows the tables.
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, expected)
    else
      assert.equal(
        text,
        expected,
        `${page} is not what the tables say: run this test with UPDATE_GOLDEN=1 and read the difference`,
      )
    assert.deepEqual(headings(text, '## '), Object.keys(sections), `the sections of ${page}`)
  })
}

test('problems.md documents exactly the problems that exist, with what they mean', () => {
  const blocks = readFileSync(join(REFERENCE, 'problems.md'), 'utf8').split(/^(?=### )/m)
  const documented = new Map(blocks.slice(1).map((block) => [headings(block, '### ')[0] ?? '', block]))
  const missing = Object.keys(PROBLEMS).filter((code) => !documented.has(code))
  const surplus = [...documented.keys()].filter((code) => !Object.hasOwn(PROBLEMS, code))
  assert.deepEqual({ missing, surplus }, { missing: [], surplus: [] })
  for (const [code, { level, text }] of Object.entries(PROBLEMS)) {
    assert.ok(documented.get(code)?.includes(`${text} (${level})`), `problems.md says under ${code}: ${text} (${level})`)
  }
})

test('types.md has the facts of every type that exists', () => {
  const file = join(REFERENCE, 'types.md')
  const text = readFileSync(file, 'utf8')
  const columns = ['language', 'server', 'concurrency', 'timeout', 'debugger', 'stop', 'limits'] as const
  const heads = ['type', 'language', 'server', 'requests at a time', 'after `timeout`', '`debug=1`', 'at a stop', 'limits']
  const rows = Object.entries(RUNTIMES).map(([type, { facts }]) => [`\`${type}\``, ...columns.map((name) => facts[name])])
  const table = [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  const expected = text.replace(/^\| type \|[\s\S]*?(?=\n\n)/m, () => table)
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, expected)
  else assert.equal(text, expected, 'types.md is not what the code says: run this test with UPDATE_GOLDEN=1')
})

/** The page with the keys of each section below the prose of the section. */
function withBlocks(page: string, sections: Readonly<Record<string, readonly string[]>>): string {
  const [head = '', ...parts] = page.split(/^(?=## )/m)
  const rendered = parts.map((part) => {
    const [prose = ''] = part.split(/^### /m)
    const blocks = sections[headings(part, '## ')[0] ?? ''] ?? []
    return `${[prose.trimEnd(), ...blocks].join('\n\n')}\n`
  })
  return [head, rendered.join('\n')].join('')
}

/** What this project will not have is gone from the pages; what it will have says that it has no effect yet. */
function isOnThePage({ idle }: Key<unknown>): boolean {
  return idle?.is !== 'left out'
}

function textOf({ doc, idle }: Key<unknown>): string {
  return escaped(idle === undefined ? doc : `${doc} No effect in this version: ${idle.because}.`)
}

function pluginBlocks(table: Table): readonly string[] {
  return Object.values(table)
    .filter(isOnThePage)
    .map((key) => {
      const { documented, later, fallback, laterFallback = fallback } = key
      const notes = [
        ...(key.required === undefined
          ? [`Default: ${code(fallback)}${laterFallback === fallback ? '' : `, in the later dialect ${code(laterFallback)}`}.`]
          : ['Required.']),
        ...(key.template === undefined || key.template === fallback ? [] : [`Templates write ${code(key.template)}.`]),
        ...(documented === undefined ? ['Later dialect only.'] : []),
        ...(later === undefined ? ['Documented dialect only.'] : []),
        ...(documented !== undefined && later !== undefined && later !== documented
          ? [`In the later dialect: ${code(later)}.`]
          : []),
        ...(key.renamed === undefined ? [] : [`Deprecated: write ${code(key.renamed)}.`]),
      ]
      return `### \`${documented ?? later}\`\n\n${textOf(key)}\n\n${notes.join(' ')}`
    })
}

function settingBlocks(keys: Readonly<Record<string, Key<unknown>>>): readonly string[] {
  return Object.entries(keys)
    .filter(([, key]) => isOnThePage(key))
    .map(([name, key]) => `### \`${name}\`\n\n${textOf(key)}\n\nDefault: ${code(key.fallback)}.`)
}

function headings(text: string, level: '## ' | '### '): readonly string[] {
  return [...text.matchAll(new RegExp(`^${level}\`([^\`]+)\`$`, 'gm'))].map(([, name = '']) => name)
}

function code(text: string): string {
  return text === '' ? 'nothing' : `\`${text}\``
}

/** `<module>` would be taken for a tag, and `*` for emphasis. */
function escaped(doc: string): string {
  return doc.replaceAll(/[<*]/g, '\\$&')
}

test('every file and every page that the architecture names exists', () => {
  const docs = join(import.meta.dirname, '../docs')
  for (const page of ['architecture.md', 'how-it-works.md']) {
    const text = readFileSync(join(docs, page), 'utf8')
    const files = [...text.matchAll(/`([a-z-]+\/[a-zA-Z0-9/-]+\.ts)`/g)].map(([, file = '']) => join(docs, '../src', file))
    const pages = [...text.matchAll(/\]\(([\w./-]+\.md)[^)]*\)/g)].map(([, file = '']) => join(docs, file))
    assert.deepEqual(
      [...files, ...pages].filter((file) => !existsSync(file)),
      [],
      page,
    )
  }
})

test('metrics.md lists exactly the metrics that exist, with their types and labels', () => {
  const file = join(REFERENCE, 'metrics.md')
  const text = readFileSync(file, 'utf8')
  const rows = Object.entries(METRICS).map(([name, { type, labels, help }]) => {
    return [`\`${type === 'counter' ? `${name}_total` : name}\``, type, labels.map((label) => `\`${label}\``).join(', '), help]
  })
  const heads = ['name', 'type', 'labels', 'what']
  const table = [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  const expected = text.replace(/^\| name \| type \|[\s\S]*?(?=\n\n)/m, () => table)
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, expected)
  else assert.equal(text, expected, 'metrics.md is not what the code says: run this test with UPDATE_GOLDEN=1')
})
