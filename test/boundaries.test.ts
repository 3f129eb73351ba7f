import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { test } from 'node:test'

const SRC = resolve(import.meta.dirname, '../src')
const PURE = ['config', 'cron', 'plugin', 'runtime', 'package', 'release', 'template', 'desired', 'plan', 'worker', 'nginx']
const IMPORT = /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s*['"]([^'"]+)['"]|\b(?:import|require)\s*\(?\s*['"]([^'"]+)['"]/g
const EFFECTS =
  /\b(?:Date\.now|new Date\(\)|Math\.random|performance\.now|crypto\.(?:randomUUID|getRandomValues)|console\.|setTimeout|setInterval|setImmediate|queueMicrotask|fetch\(|globalThis)|(?<![\w.])process\.(?:env|argv|cwd|exit|kill|on|std|hrtime|uptime|platform|memoryUsage|nextTick|get[eu])/

const pureFiles = [
  ...PURE.flatMap((folder) => globSync(`${SRC}/${folder}/**/*.ts`)),
  join(SRC, 'problem.ts'),
  join(SRC, 'shell-quote.ts'),
]
  .filter((file) => !file.endsWith('.test.ts'))
  .sort()

for (const file of pureFiles) {
  test(`src/${relative(SRC, file)} is pure: it imports no effect and reads no clock, environment or chance`, () => {
    assert.deepEqual(impurities(readFileSync(file, 'utf8'), file), [])
  })
}

test('an impure file is told by what makes it impure', () => {
  const file = join(SRC, 'plan/example.ts')
  const cases: Record<string, string> = {
    "import { readFileSync } from 'node:fs'": 'node:fs',
    "import { join } from 'path'": 'path',
    "import {\n  type A,\n  b,\n} from '../host/paths.ts'": '../host/paths.ts',
    "export { b } from '../daemon/loop.ts'": '../daemon/loop.ts',
    "const { run } = await import('../cli/main.ts')": '../cli/main.ts',
    "import '../dashboard/page.ts'": '../dashboard/page.ts',
    'const now = Date.now()': 'Date.now',
    'const home = process.env.HOME': 'process.env',
  }
  for (const [code, impurity] of Object.entries(cases)) assert.deepEqual(impurities(code, file), [impurity])
  assert.deepEqual(impurities("import { a } from '../worker/state.ts'\nkill(state.process.pid)", file), [])
})

function impurities(code: string, file: string): readonly string[] {
  const imports = [...code.matchAll(IMPORT)].map(([, from, called]) => from ?? called ?? '')
  return [...imports.filter((from) => isImpure(from, file)), ...(EFFECTS.exec(code) ?? [])]
}

/** Packages that only compute are allowed. */
function isImpure(from: string, file: string): boolean {
  if (!from.startsWith('.')) return isBuiltin(from)
  const [folder = ''] = relative(SRC, resolve(dirname(file), from)).split('/')
  return !(PURE.includes(folder) || folder === 'problem.ts')
}
