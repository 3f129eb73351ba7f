/**
 * Saves a file twice within one second, with texts of one size, many times over: the last must be served each time.
 *
 *     node test/soak/edits.ts [PAIRS] [TYPE]
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answersTo, bootstrapByPipe, mustMake } from '../system/make-plugin.ts'
import { CASES } from '../system/types/cases.ts'
import { eventually, get, newWorld } from '../system/world.ts'

const BOUND_MS = 3000
const [pairs = '100', type = 'python3_sync'] = process.argv.slice(2)
const found = CASES.find((one) => one.type === type)
if (found === undefined) throw new Error(`no type is called ${type}`)
const world = await newWorld()
try {
  await world.must('mfserv.start')
  const home = await bootstrapByPipe(world, 'pairs', found.template, answersTo(found.template, found.type, 1))
  await mustMake(world, home)
  const url = `${world.url}/pairs${found.at('x')}`
  const file = join(home, found.file.replace('NAME', 'pairs'))
  const source = readFileSync(join(import.meta.dirname, '../system/types', found.edited), 'utf8')
  const times: number[] = []
  let firstWasServed = 0
  for (let pair = 0; pair < Number(pairs); pair += 1) {
    const [first, last] = [`f${String(pair).padStart(5, '0')}`, `l${String(pair).padStart(5, '0')}`]
    // The start of a second, so that a worker of the first text has most of it to start in.
    await new Promise((resolve) => setTimeout(resolve, 1000 - (Date.now() % 1000)))
    const second = Math.floor(Date.now() / 1000)
    writeFileSync(file, source.replaceAll('edited', first))
    while (Date.now() < second * 1000 + 900 && (await get(url)).body !== first)
      await new Promise((resolve) => setTimeout(resolve, 10))
    if ((await get(url)).body === first) firstWasServed += 1
    writeFileSync(file, source.replaceAll('edited', last))
    const saved = performance.now()
    if (Math.floor(statSync(file).mtimeMs / 1000) !== second)
      console.log(`pair ${pair}: the second save came too late, it counts all the same`)
    await eventually(
      `${last} is served, not ${(await get(url)).body}`,
      async () => ((await get(url)).body === last ? true : undefined),
      20_000,
    )
    times.push(performance.now() - saved)
  }
  const sorted = times.toSorted((one, other) => one - other)
  const at = (share: number): number => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0)
  const late = times.filter((time) => time > BOUND_MS).length
  console.log(`${type}: ${times.length} pairs, the first text was served in ${firstWasServed}, the last in all`)
  console.log(
    `until it was served: median ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms; later than ${BOUND_MS} ms: ${late}`,
  )
  if (late > 0) process.exitCode = 1
} finally {
  await world.end()
}
