import { globSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

const IMPORT = /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s*['"](\.[^'"]+)['"]/g

/** For each test file of these folders, every file that it imports, by way of others too. */
export function reachOf(tests: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(tests.map((test) => [test, reached(test)]))
}

/** The tests that reach a file, those that stand beside it first, and then those that load least; and all files on the way. */
export function testsOf(file: string, reach: ReadonlyMap<string, ReadonlySet<string>>): Tests {
  const found = [...reach].filter(([, files]) => files.has(file))
  const isFar = (test: string): number =>
    test === file.replace(/\.ts$/, '.test.ts') ? 0 : dirname(test) === dirname(file) ? 1 : 2
  const tests = found
    .sort(([one, files], [other, others]) => isFar(one) - isFar(other) || files.size - others.size)
    .map(([test]) => test)
  const all = new Set(found.flatMap(([, files]) => [...files]))
  return { tests, between: [...all].filter((one) => reached(one).has(file)) }
}

export interface Tests {
  readonly tests: readonly string[]
  readonly between: readonly string[]
}

export function pureTests(src: string, folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) => globSync(`${src}/${folder}/**/*.test.ts`)).sort()
}

function reached(start: string): ReadonlySet<string> {
  const found = new Set<string>()
  const waiting = [start]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file)) continue
    found.add(file)
    for (const [, to = ''] of readFileSync(file, 'utf8').matchAll(IMPORT)) waiting.push(resolve(dirname(file), to))
  }
  return found
}
