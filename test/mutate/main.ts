/**
 * Mutation testing of the pure folders: every small wrong change of a file must make a unit test fail. Prints a table, and the
 * changes that no test noticed. `make mutate` takes all of them, `make mutate ONLY=plan` one folder, `ONLY=src/plan/plan.ts` one file.
 */
import { globSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative, resolve } from 'node:path'
import process from 'node:process'
import { PURE_FOLDERS } from '../pure.ts'
import { type Mutant, mutantsOf, withoutTypes } from './mutants.ts'
import { pureTests, reachOf, testsOf } from './tests-of.ts'
import { survivorsOf } from './tried.ts'

const CLONE = resolve(import.meta.dirname, '../..')
const SRC = join(CLONE, 'src')
const PROCESSES = Number(process.env['MFSERV_MUTATE_PROCESSES'] ?? availableParallelism())
const MUTANTS_OF_A_PROCESS = 200

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
const reach = reachOf(pureTests(SRC, PURE_FOLDERS))
const equivalent = readEquivalent()
const survivors: Survivor[] = []
const scores: Score[] = []
for (const file of filesToMutate()) scores.push(await mutateFile(file))
printReport()

function filesToMutate(): readonly string[] {
  const folders = only === undefined || only.endsWith('.ts') ? PURE_FOLDERS : [only]
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
  const survived = (await inParts(mutants, (part) => survivorsOf({ file, code, mutants: part, ...tests }))).flat()
  survivors.push(...survived.map((mutant) => ({ file: name, mutant })))
  const noticed = mutants.length - survived.length
  process.stderr.write(`${name}: ${noticed} of ${mutants.length}\n`)
  return { file: name, mutants: mutants.length, noticed, equivalent: all.length - mutants.length }
}

/** As many processes as there are processors; each takes a part at a time, so that none grows without end. */
async function inParts<T>(mutants: readonly Mutant[], work: (part: readonly Mutant[]) => Promise<T>): Promise<readonly T[]> {
  const size = Math.min(MUTANTS_OF_A_PROCESS, Math.ceil(mutants.length / PROCESSES))
  const parts = Array.from({ length: Math.ceil(mutants.length / size) || 0 }, (_, at) =>
    mutants.slice(at * size, (at + 1) * size),
  )
  const done: T[] = []
  const workOff = async (): Promise<void> => {
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) done.push(await work(part))
  }
  await Promise.all(Array.from({ length: PROCESSES }, workOff))
  return done
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
