import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { areAsTheyWere, HOME, readBuilt, SOURCES } from '../../build/fresh.ts'
import { takePrinted } from '../support/printed.ts'

/*
 * Runs commands of mfserv one after the other, each as bin/mfserv would start it: with its words, its environment and its
 * directory. That Node starts and loads mfserv's code anew for each of them is most of what a command costs.
 */

export interface Ordered {
  readonly launcher: string
  readonly words: readonly string[]
  readonly directory: string
  readonly env: Readonly<Record<string, string>>
}

export interface Answered {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const MAIN = mainFile()
const require = createRequire(import.meta.url)
const UMASK = process.umask()
let commands = 0

process.on('message', async (order: Ordered) => {
  const answer = await answerTo(order)
  process.send?.(answer)
})
process.once('disconnect', () => process.exit())

/** The bundle; the sources where none is built, or one of them was edited since, as `dist/start.cjs` does. */
function mainFile(): string {
  if (!existsSync(join(HOME, 'dist/built.json'))) return SOURCES
  const { slot, quick, look, rest } = readBuilt()
  return areAsTheyWere([...quick, ...look, ...rest]) ? join(HOME, 'dist', slot, 'main.cjs') : SOURCES
}

/** The file runs a command whenever it is loaded. What it imports stays loaded. */
async function run(): Promise<void> {
  delete require.cache[MAIN]
  const { ended } = MAIN === SOURCES ? await import(`${pathToFileURL(MAIN).href}?${commands}`) : require(MAIN)
  await ended
}

async function answerTo({ launcher, words, directory, env }: Ordered): Promise<Answered> {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name]
  Object.assign(process.env, env)
  process.umask(UMASK)
  process.chdir(directory)
  process.argv.splice(2, Infinity, launcher, ...words)
  process.exitCode = 0
  const said = { stdout: '', stderr: '' }
  const writes = { stdout: process.stdout.write, stderr: process.stderr.write }
  for (const name of ['stdout', 'stderr'] as const)
    process[name].write = (chunk: string | Uint8Array): boolean => {
      said[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
      return true
    }
  const letGo = takePrinted((text) => {
    said.stdout += text
  })
  try {
    commands += 1
    await run()
    return { code: Number(process.exitCode), ...said }
  } finally {
    for (const name of ['stdout', 'stderr'] as const) process[name].write = writes[name]
    letGo()
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.removeAllListeners(signal)
    // The next test removes its directories.
    process.chdir('/')
  }
}
