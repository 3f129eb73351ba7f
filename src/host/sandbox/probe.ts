import { spawnSync } from 'node:child_process'
import type { SandboxFacts } from '../../desired/sandbox/facts.ts'
import { ENTER } from './enter.ts'

/** Since this version of Landlock (Linux 6.12) signals can be kept in. */
const KEEPS_SIGNALS = 6

let known: SandboxFacts | undefined

/** What this system has for a sandbox. It is tried once: it does not change while mfserv runs. */
export function sandboxFacts(): SandboxFacts {
  known ??= probe()
  return known
}

function probe(): SandboxFacts {
  const [program, ...words] = ENTER
  const { stdout, error } = spawnSync(program, [...words, 'probe', '--'], { env: {}, encoding: 'utf8' })
  if (error !== undefined) return { noView: `${program} cannot be run: ${error.message}`, keepsSignals: false }
  const said = new Map(stdout.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
  const view = said.get('view')
  const noFilter = said.get('filter') === '1' ? undefined : 'this system refuses to filter system calls'
  return {
    noView:
      view === undefined ? 'the sandbox says nothing of this system' : view === '' ? noFilter : `this system refuses ${view}`,
    keepsSignals: Number(said.get('landlock')) >= KEEPS_SIGNALS,
  }
}
