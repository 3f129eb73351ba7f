/**
 * Tries the mutants of one job after the other, in this process: what lies between the tests and the mutated file is read anew
 * for each, everything else only once. Says over IPC how each of them ended. One that never ends is for the parent to notice.
 */
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { takeKept } from './harness.ts'
import type { Job, Message } from './job.ts'
import { type Mutant, mutated, withoutTypes } from './mutants.ts'

const HARNESS = pathToFileURL(`${import.meta.dirname}/harness.ts`).href

process.once('message', (job: Job) => void work(job))

async function work(job: Job): Promise<void> {
  let text = job.code
  let round = 0
  const sources = new Map<string, string>()
  const between = new Set(job.between)
  const sourceOf = (file: string): string => {
    const source = sources.get(file) ?? withoutTypes(readFileSync(file, 'utf8'))
    sources.set(file, source)
    return source
  }
  registerHooks({
    resolve: (specifier, context, next) => {
      if (specifier === 'node:test') return { url: HARNESS, shortCircuit: true }
      const found = next(specifier, context)
      return between.has(pathOf(found.url)) ? { ...found, url: `${found.url.split('?')[0]}?round=${round}` } : found
    },
    load: (url, context, next) => {
      const file = pathOf(url)
      if (!between.has(file)) return next(url, context)
      return { format: 'module', source: file === job.file ? text : sourceOf(file), shortCircuit: true }
    },
  })

  async function failure(mutant: Mutant | undefined): Promise<string | undefined> {
    round += 1
    text = mutant === undefined ? job.code : mutated(job.code, mutant)
    for (const file of job.tests) {
      const because = await failureOf(file)
      if (because !== undefined) return because
    }
    return undefined
  }

  const began = performance.now()
  const because = await failure(undefined)
  if (because !== undefined) return say({ is: 'unsound', because })
  say({ is: 'sound', ms: performance.now() - began })
  for (const mutant of job.mutants) say({ is: 'tried', noticed: (await failure(mutant)) !== undefined })
  process.disconnect?.()
}

async function failureOf(file: string): Promise<string | undefined> {
  takeKept()
  try {
    await import(pathToFileURL(file).href)
  } catch (error) {
    return `${file}: ${String(error)}`
  }
  for (const { name, body } of takeKept()) {
    try {
      await body()
    } catch (error) {
      return `${file}: ${name}: ${String(error)}`
    }
  }
  return undefined
}

function pathOf(url: string): string {
  return url.startsWith('file:') ? fileURLToPath(url.split('?')[0] ?? url) : url
}

function say(message: Message): void {
  process.send?.(message)
}
