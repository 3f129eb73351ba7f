/**
 * Mutation testing of the pure folders: every small wrong change of a file must make a unit test fail. Prints a table, and the
 * changes that no test noticed. `make mutate` takes all of them, `make mutate ONLY=plan` one folder, `ONLY=src/plan/plan.ts` one file.
 */
import { execFile } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import process from 'node:process'
import { type Mutant, mutantsOf, mutated, withoutTypes } from './mutants.ts'
import { pureTests, reachOf, testsOf } from './tests-of.ts'

const CLONE = resolve(import.meta.dirname, '../..')
const SRC = join(CLONE, 'src')
const PURE = ['worker', 'config', 'cron', 'receipt', 'runtime', 'plugin', 'template', 'package', 'desired', 'nginx', 'plan']
const HOOK = join(import.meta.dirname, 'hook.ts')
/** A mutant may loop for ever; that is noticed too. Far above what the tests of one file take. */
const TEST_FILE_MS = 60_000

interface Survivor {
  readonly file: string
  readonly mutant: Mutant
}

interface Score {
  readonly file: string
  readonly mutants: number
  readonly noticed: number
  readonly equivalent: number
}

const only = process.argv[2]
const scratch = mkdtempSync(join(tmpdir(), 'mutate-'))
const reach = reachOf(pureTests(SRC, PURE))
const equivalent = readEquivalent()
const survivors: Survivor[] = []
const scores: Score[] = []
try {
  for (const file of filesToMutate()) scores.push(await mutateFile(file))
} finally {
  rmSync(scratch, { recursive: true })
}
printReport()

function filesToMutate(): readonly string[] {
  const folders = only === undefined || only.endsWith('.ts') ? PURE : [only]
  const files = folders.flatMap((folder) => globSync(`${SRC}/${folder}/**/*.ts`)).filter((file) => !file.endsWith('.test.ts'))
  const wanted = only?.endsWith('.ts') === true ? files.filter((file) => file === resolve(CLONE, only)) : files
  if (wanted.length === 0) throw new Error(`${only} is neither a pure folder nor a file in one`)
  return wanted.sort()
}

async function mutateFile(file: string): Promise<Score> {
  const code = withoutTypes(readFileSync(file, 'utf8'))
  const name = relative(CLONE, file)
  const all = mutantsOf(code)
  const mutants = all.filter((mutant) => !equivalent.has(keyOf(name, mutant)))
  const tests = testsOf(file, reach)
  let noticed = 0
  const waiting = [...mutants]
  const workOff = async (worker: number): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const text = join(scratch, `${worker}.js`)
      writeFileSync(text, mutated(code, mutant))
      if (await isNoticed(file, text, tests)) noticed += 1
      else survivors.push({ file: name, mutant })
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, (_, worker) => workOff(worker)))
  process.stderr.write(`${name}: ${noticed} of ${mutants.length}\n`)
  return { file: name, mutants: mutants.length, noticed, equivalent: all.length - mutants.length }
}

async function isNoticed(file: string, text: string, tests: readonly string[]): Promise<boolean> {
  for (const test of tests) if (await fails(file, text, test)) return true
  return false
}

function fails(file: string, text: string, test: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--import', HOOK, test],
      {
        env: { ...process.env, MUTATED_FILE: file, MUTATED_TEXT: text },
        timeout: TEST_FILE_MS,
        killSignal: 'SIGKILL',
        maxBuffer: 1 << 28,
      },
      (error) => resolve(error !== null),
    )
    child.on('error', () => resolve(true))
  })
}

/** Changes that change nothing anybody could see, each with its reason behind it: `src/plan/plan.ts: code of the line: was → now | reason`. */
function readEquivalent(): ReadonlySet<string> {
  const lines = readFileSync(join(import.meta.dirname, 'equivalent.txt'), 'utf8').split('\n')
  return new Set(lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(' | ')[0] ?? line))
}

/** By the text of its line, so that it stays the same when lines above it come and go. */
function keyOf(name: string, { line, nth, was, now }: Mutant): string {
  const text = readFileSync(join(CLONE, name), 'utf8').split('\n')[line - 1] ?? ''
  return `${name}: ${text.trim()}: ${was} → ${now}${nth === 1 ? '' : ` (${nth})`}`
}

function printReport(): void {
  for (const { file, mutant } of survivors) console.log(`NOT NOTICED ${keyOf(file, mutant)} (line ${mutant.line})`)
  const folders = Map.groupBy(scores, ({ file }) => file.split('/')[1] ?? file)
  console.log(
    `\n${'folder'.padEnd(12)}${'mutants'.padStart(9)}${'noticed'.padStart(9)}${'share'.padStart(8)}${'equivalent'.padStart(12)}`,
  )
  for (const [folder, own] of folders) {
    const sum = (pick: (score: Score) => number): number => own.reduce((total, score) => total + pick(score), 0)
    const [mutants, noticed] = [sum((score) => score.mutants), sum((score) => score.noticed)]
    const share = mutants === 0 ? '-' : `${Math.round((noticed / mutants) * 100)} %`
    const row = [
      `${mutants}`.padStart(9),
      `${noticed}`.padStart(9),
      share.padStart(8),
      `${sum((score) => score.equivalent)}`.padStart(12),
    ]
    console.log(folder.padEnd(12) + row.join(''))
  }
}
