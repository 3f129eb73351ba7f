import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { beside, minutesAndSeconds } from './beside.ts'

/* `make test`: every test, and at the same time the types, the lint and the format. */
const clone = resolve(import.meta.dirname, '..')
process.chdir(clone)
const biome = ['x64', 'arm64']
  .map((arch) => join(clone, 'node_modules/@biomejs', `cli-linux-${arch}`, 'biome'))
  .find((path) => existsSync(path))
if (biome === undefined) throw new Error('node_modules has no biome; make install brings it')

const failed = await beside(
  { name: 'tests', argv: ['sh', 'test/run'] },
  [
    { name: 'types', argv: [process.execPath, 'node_modules/typescript/bin/tsc'] },
    { name: 'lint and format', argv: [biome, 'check'] },
  ],
  (name) => console.error(`\nThe check of ${name} failed. What it says comes after the tests; make check says it now.\n`),
)
for (const { name, output } of failed) console.error(`\n${output}Failed: ${name}.`)
console.log(`The tests took ${minutesAndSeconds(performance.now())}.`)
if (failed.length > 0) process.exitCode = 1
