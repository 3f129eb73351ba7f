import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, relative, resolve } from 'node:path'
import { test } from 'node:test'
import { parse } from 'acorn'
import { full } from 'acorn-walk'
import { withoutTypes } from './mutate/mutants.ts'
import { PURE_FOLDERS } from './pure.ts'

const TEST = import.meta.dirname
const CLONE = resolve(TEST, '..')
const SRC = resolve(CLONE, 'src')

/** From the ground up: a file may import its own folder and those before it, no other. Pure ones decide, and act on nothing. */
const PURE = ['time.ts', 'problem.ts', 'shell-quote.ts', 'terminal-text.ts', ...PURE_FOLDERS]
const HOST = [
  ...['disk', 'process', 'logs', 'home', 'acme', 'tls', 'programs', 'sandbox', 'module', 'workers', 'cron', 'nginx'],
  ...['environments', 'package', 'releases', 'plugins', 'applications', 'recall', 'receipts', 'doctor'],
  ...['metrics', 'service', 'backup'],
].map((room) => `host/${room}`)
const OPERATIONS = ['check', 'release', 'make', 'plugin', 'service', 'module', 'metrics'].map((room) => `operations/${room}`)
const FLOORS = [...PURE, ...HOST, 'control', ...OPERATIONS, 'daemon', 'cli']
/** The one command that is the daemon. */
const STARTS_THE_DAEMON = 'cli/commands/daemon.ts'
const MOST_FILES = 25
/** What is longer holds a second idea: a file, a test too, and a function. Half of all files are shorter than the last. */
const MOST_LINES = 300
const MOST_LINES_OF_A_FUNCTION = 60
const MEDIAN_LINES = 80

const IMPORT = /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s*['"]([^'"]+)['"]|\b(?:import|require)\s*\(?\s*['"]([^'"]+)['"]/g
const EFFECTS =
  /\b(?:Date\.now|new Date\(\)|Math\.random|performance\.now|crypto\.(?:randomUUID|getRandomValues)|console\.|setTimeout|setInterval|setImmediate|queueMicrotask|fetch\(|globalThis)|(?<![\w.])process\.(?:env|argv|cwd|exit|kill|on|std|hrtime|uptime|platform|memoryUsage|nextTick|get[eu])/

/** The code of every file of `src/` that is no test, by its path there. */
const code = new Map(
  globSync(`${SRC}/**/*.ts`)
    .filter((file) => !file.endsWith('.test.ts'))
    .sort()
    .map((file) => [relative(SRC, file), readFileSync(file, 'utf8')]),
)

const BUILD = globSync(`${resolve(SRC, '../build')}/*.ts`).map(
  (file) => [relative(SRC, file), readFileSync(file, 'utf8')] as const,
)

for (const [file, text] of code) {
  test(`src/${file} stands on a floor, and imports only its own and those below`, () => {
    assert.notEqual(floorOf(file), -1, 'it is in no room that is on the list of floors')
    assert.deepEqual(
      importsOf(file, text).flatMap((to) => whyNot(file, to) ?? []),
      [],
    )
  })
}

for (const [file, text] of code) {
  if (floorOf(file) >= PURE.length) continue
  test(`src/${file} is pure: it imports no effect and reads no clock, environment or chance`, () => {
    assert.deepEqual(impurities(text), [])
  })
}

test('no two files import each other, not even by way of others', () => {
  assert.deepEqual(circles(new Map([...code].map(([file, text]) => [file, importsOf(file, text)]))), [])
})

test(`no level of src/ or test/ has more than ${MOST_FILES} files`, () => {
  assert.deepEqual(crowded([...globSync(`${SRC}/**/*.ts`), ...globSync(`${TEST}/**/*.*`)].filter((file) => !isGolden(file))), [])
})

test(`no file of src/ or test/ has more than ${MOST_LINES} lines`, () => {
  assert.deepEqual(tooLong(new Map([...lengths(SRC), ...lengths(TEST)])), [])
})

test(`half of the files of src/ have fewer than ${MEDIAN_LINES} lines`, () => {
  const sorted = [...lengths(SRC).values()].sort((one, other) => one - other)
  const median = sorted[sorted.length >> 1] ?? 0
  assert.ok(median > 0 && median < MEDIAN_LINES, `${median}`)
})

test(`no function of src/ has more than ${MOST_LINES_OF_A_FUNCTION} lines`, () => {
  const long = [...code].filter(([, text]) => text.split('\n').length > MOST_LINES_OF_A_FUNCTION)
  const functions = long.flatMap(([file, text]) => functionsOf(text).map((one) => ({ file, ...one })))
  assert.ok(functions.length > 500)
  const tooLong = functions.filter(({ lines }) => lines > MOST_LINES_OF_A_FUNCTION)
  assert.deepEqual(
    tooLong.map(({ file, line, lines }) => `${file}:${line}: ${lines}`),
    [],
  )
})

test('no source imports node:process: Node would open the input for it, and whatever reads it after plugin_wrapper would fail', () => {
  const importing = [...code, ...BUILD].filter(([, text]) => /\bfrom\s+['"](?:node:)?process['"]/.test(text))
  assert.deepEqual(
    importing.map(([file]) => file),
    [],
  )
})

test('no source asks whether a file is there to read it then: it may have gone in between, as the pid file of nginx does', () => {
  const asked = [...code].filter(([, text]) => /existsSync\(([^()]+)\)(?: \?| &&|\)).{0,40}readFileSync\(\1\b/s.test(text))
  assert.deepEqual(
    asked.map(([file]) => file),
    [],
    'textOf and bytesOf of host/disk/text-of.ts answer undefined for a file that is not there',
  )
})

test('the lines of every kind of function are counted', () => {
  const kinds = [
    'function a() {\n}',
    'const a = async () => {\n}',
    'class A {\n  #a(b: string): void {\n  }\n}',
    'const a = { b() {\n} }',
  ]
  assert.deepEqual(kinds.map(functionsOf), [
    [{ line: 1, lines: 2 }],
    [{ line: 1, lines: 2 }],
    [{ line: 2, lines: 2 }],
    [{ line: 1, lines: 2 }],
  ])
})

test('a test that is too long, and a level with too many files, are told with their number', () => {
  assert.deepEqual(
    tooLong(
      new Map([
        ['test/system/a.test.ts', 301],
        ['src/a.test.ts', 301],
        ['src/b.ts', 300],
      ]),
    ),
    ['test/system/a.test.ts: 301', 'src/a.test.ts: 301'],
  )
  const many = Array.from({ length: 26 }, (_, index) => `${TEST}/system/${index}.test.ts`)
  assert.deepEqual(crowded(many), ['test/system: 26'])
  assert.deepEqual(crowded(many.slice(1)), [])
})

test('an import that leads up, across or round is told', () => {
  const across = 'operations and daemon import neither each other'
  assert.equal(whyNot('plan/example.ts', 'host/home/paths.ts'), 'plan/example.ts imports host/home/paths.ts, which is above it')
  assert.equal(
    whyNot('host/disk/example.ts', 'host/nginx/front.ts'),
    'host/disk/example.ts imports host/nginx/front.ts, which is above it',
  )
  assert.match(whyNot('operations/plugin/example.ts', 'daemon/loop.ts') ?? '', /above it/)
  assert.equal(
    whyNot('daemon/example.ts', 'operations/plugin/restart.ts'),
    `daemon/example.ts imports operations/plugin/restart.ts: ${across}`,
  )
  assert.match(whyNot('cli/commands/start.ts', 'daemon/loop.ts') ?? '', /only the command that starts it/)
  assert.equal(whyNot(STARTS_THE_DAEMON, 'daemon/daemon.ts'), undefined)
  assert.equal(whyNot('daemon/example.ts', 'host/nginx/front.ts'), undefined)
  const round = new Map([
    ['plan/a.ts', ['plan/b.ts']],
    ['plan/b.ts', ['plan/c.ts', 'problem.ts']],
    ['plan/c.ts', ['plan/b.ts']],
  ])
  assert.deepEqual(circles(round), ['plan/b.ts → plan/c.ts'])
})

test('an impure file is told by what makes it impure', () => {
  const cases: Record<string, string> = {
    "import { readFileSync } from 'node:fs'": 'node:fs',
    "import { join } from 'path'": 'path',
    'const now = Date.now()': 'Date.now',
    'const home = process.env.HOME': 'process.env',
  }
  for (const [text, impurity] of Object.entries(cases)) assert.deepEqual(impurities(text), [impurity])
  assert.deepEqual(impurities("import { a } from '../worker/state.ts'\nkill(state.process.pid)"), [])
})

test('every form of an import is seen', () => {
  const forms = [
    "import {\n  type A,\n  b,\n} from '../host/home/paths.ts'",
    "import type { A } from '../host/home/paths.ts'",
    "export { b } from '../host/home/paths.ts'",
    "const { run } = await import('../host/home/paths.ts')",
    "import '../host/home/paths.ts'",
  ]
  for (const form of forms) assert.deepEqual(importsOf('plan/example.ts', form), ['host/home/paths.ts'])
})

/** The lines of every file in a directory, tests included, by its path in the clone. */
function lengths(directory: string): ReadonlyMap<string, number> {
  const files = globSync(`${directory}/**/*.{ts,py}`).sort()
  return new Map(files.map((file) => [relative(CLONE, file), readFileSync(file, 'utf8').trimEnd().split('\n').length]))
}

function tooLong(files: ReadonlyMap<string, number>): readonly string[] {
  return [...files].filter(([, lines]) => lines > MOST_LINES).map(([file, lines]) => `${file}: ${lines}`)
}

function crowded(files: readonly string[]): readonly string[] {
  const levels = [...Map.groupBy(files, (file) => relative(CLONE, dirname(file)))]
  return levels.filter(([, inside]) => inside.length > MOST_FILES).map(([level, inside]) => `${level}: ${inside.length}`)
}

/** Cases are many on purpose: each is one file that a person reads. */
function isGolden(file: string): boolean {
  return file.startsWith(`${TEST}/golden/`)
}

interface CountedFunction {
  readonly line: number
  readonly lines: number
}

/** Without its types every line of a text stays where it was. */
function functionsOf(text: string): readonly CountedFunction[] {
  const found: CountedFunction[] = []
  full(parse(withoutTypes(text), { ecmaVersion: 'latest', sourceType: 'module', locations: true }), ({ type, loc }) => {
    if (loc && /Function/.test(type)) found.push({ line: loc.start.line, lines: loc.end.line - loc.start.line + 1 })
  })
  return found
}

function floorOf(file: string): number {
  return FLOORS.findIndex((floor) => file === floor || file.startsWith(`${floor}/`))
}

/** The files of `src/` that a file imports, types included. */
function importsOf(file: string, text: string): readonly string[] {
  const specifiers = [...text.matchAll(IMPORT)].map(([, from, called]) => from ?? called ?? '')
  return specifiers.filter((from) => from.startsWith('.')).map((from) => relative(SRC, resolve(SRC, dirname(file), from)))
}

function whyNot(file: string, to: string): string | undefined {
  if (to.startsWith('daemon/') && file.startsWith('cli/') && file !== STARTS_THE_DAEMON)
    return `${file} imports ${to}: only the command that starts it may`
  if (to.startsWith('operations/') && file.startsWith('daemon/'))
    return `${file} imports ${to}: operations and daemon import neither each other`
  return floorOf(to) > floorOf(file) ? `${file} imports ${to}, which is above it` : undefined
}

function impurities(text: string): readonly string[] {
  const builtins = [...text.matchAll(IMPORT)].map(([, from, called]) => from ?? called ?? '').filter((from) => isBuiltin(from))
  return [...builtins, ...(EFFECTS.exec(text) ?? [])]
}

/** Each circle once, from its first file by name. */
function circles(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const found = new Set<string>()
  const done = new Set<string>()
  const walk = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file)
    if (at >= 0) {
      found.add(path.slice(at).sort().join(' → '))
      return
    }
    if (done.has(file)) return
    for (const to of graph.get(file) ?? []) walk(to, [...path, file])
    done.add(file)
  }
  for (const file of graph.keys()) walk(file, [])
  return [...found]
}
