import { isAscii } from 'node:buffer'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { Module } from 'node:module'
import { basename, dirname } from 'node:path'
import { Script } from 'node:vm'

/** Smaller ones are compiled faster than looked for. */
const WORTH_KEEPING_BYTES = 50_000
/** A command that is called with ever other words does not write for ever. */
const MOST_CALLS = 100

/** What stands before the code in a file: what it was made of, by which Node, and the commands whose functions are in it. */
interface Head {
  readonly of: string
  readonly calls: readonly string[]
}

interface Loaded {
  readonly script: Script
  readonly kept: string
  readonly head: Head
}

/**
 * Loads the parts of the bundle with what V8 compiled of them before, and keeps what it compiles now. Node's own cache of
 * compiled code has none of the functions that a command calls: to compile them again takes longer than to run them.
 */
export function keepCompiled(directory: string): void {
  const loaded: Loaded[] = []
  const call = callOf(process.argv.slice(2))
  require.extensions['.cjs'] = (module, file) => {
    const look = statSync(file)
    if (look.size < WORTH_KEEPING_BYTES) return require.extensions['.js'](module, file)
    const kept = `${directory}/${basename(file)}.${numberOf(file)}.code`
    const of = [process.version, file, look.size, look.mtimeMs, look.ctimeMs].join(' ')
    const found = read(kept, of)
    const bytes = readFileSync(file)
    const text = Module.wrap(bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8'))
    const script = new Script(text, { filename: file, ...(found && { cachedData: found.code }) })
    const calls = found === undefined || script.cachedDataRejected === true ? [] : found.calls
    if (!calls.includes(call) && calls.length < MOST_CALLS) loaded.push({ script, kept, head: { of, calls: [...calls, call] } })
    script.runInThisContext()(module.exports, (name: string) => module.require(name), module, file, dirname(file))
  }
  process.once('exit', () => {
    for (const one of loaded) write(one)
  })
}

/** Another one for each of several mfservs, and for both places of a bundle. That two are the same one does no harm. */
function numberOf(path: string): number {
  let number = 0
  for (let index = 0; index < path.length; index += 1) number = (number * 31 + path.charCodeAt(index)) >>> 0
  return number
}

/** The command, without what it is about. */
function callOf([launcher = '', ...words]: readonly string[]): string {
  return [launcher, ...words.filter((word) => /^[a-z]+$/.test(word)).slice(0, launcher === 'mfserv' ? 2 : 0)].join(' ')
}

function read(file: string, of: string): { readonly code: Buffer; readonly calls: readonly string[] } | undefined {
  try {
    const bytes = readFileSync(file)
    const end = bytes.indexOf('\n')
    const head: Head = JSON.parse(bytes.toString('utf8', 0, end))
    return head.of === of ? { code: bytes.subarray(end + 1), calls: head.calls } : undefined
  } catch {
    // There is none yet, or it is damaged: it is written anew.
    return undefined
  }
}

/** Whole or not at all, also when the power fails: V8 believes what it reads. */
function write({ script, kept, head }: Loaded): void {
  const candidate = `${kept}.${process.pid}`
  try {
    const file = openSync(candidate, 'wx', 0o600)
    try {
      writeSync(file, `${JSON.stringify(head)}\n`)
      writeSync(file, script.createCachedData())
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(candidate, kept)
  } catch {
    // The command has done what it was asked to; the next one starts no slower than this one.
    rmSync(candidate, { force: true })
  }
}
