import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { consoleOf, type Guest } from '../guest.ts'
import { bootContained, bootFrom, type Frozen, LAYER } from './machine.ts'
import type { Cut } from './moments.ts'
import type { Operation } from './operations.ts'
import { DISK } from './places.ts'
import { diskAfter, type Recording } from './recording.ts'
import { type Facts, judge, remains, type Verdict } from './verdict.ts'

/** What boots from a disk. */
export type Where = 'machine' | 'container'

export interface Outcome {
  readonly verdict: Verdict
  readonly seconds: number
  /** Everything that was said after the cut. */
  readonly log: readonly string[]
}

type Booted = Pick<Guest, 'run' | 'cut'>

/** Makes the disk that a power cut at this moment leaves, switches a machine on with it, and judges what serves. */
export async function tryCut(
  operation: Operation,
  cut: Cut,
  where: Where,
  { frozen, recording }: { readonly frozen: Frozen; readonly recording: Recording },
): Promise<Outcome> {
  const log: string[] = []
  const began = performance.now()
  const seconds = (): number => Math.round((performance.now() - began) / 100) / 10
  const say = (text: string): number => log.push(`== ${seconds()} s: ${text}`)
  let machine: Booted | undefined
  try {
    diskAfter(recording, cut, frozen, DISK)
    const isDone = cut.ms >= recording.lengthMs
    say(`the power came back; the operation ${isDone ? 'had ended' : 'was under way'}`)
    const begin = where === 'container' ? bootContained : bootFrom
    machine = await begin(DISK, frozen, (line) => log.push(line))
    say('it takes commands')
    const facts = await factsOf(machine, 'wait')
    say(`served after ${facts.waitedS} s`)
    const verdict = judge({ operation, ticksBefore: recording.ticksBefore, isDone }, facts)
    say(`what serves is the ${verdict.served ?? 'no whole'} version`)
    const more = verdict.served === undefined ? [] : await goOnAfter(operation, verdict.served, machine, say)
    say('the end')
    return { verdict: { ...verdict, failures: [...verdict.failures, ...more] }, seconds: seconds(), log }
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error)
    return { verdict: { served: undefined, failures: [because] }, seconds: seconds(), log }
  } finally {
    say(`its console:\n${consoleOf(where === 'machine' ? LAYER : DISK)}`)
    await machine?.cut()
    for (const file of [DISK, `${DISK}.console`]) rmSync(file, { force: true })
  }
}

/** What a person does next must be possible, and leaves nothing of what was begun. */
async function goOnAfter(
  { user, next, changes }: Operation,
  served: 'old' | 'new',
  machine: Booted,
  say: (text: string) => void,
): Promise<readonly string[]> {
  say(`the next command: ${next[served]}`)
  const { code, output } = await machine.run(user, next[served])
  if (code !== 0) return [`the next command ended with code ${code}: ${next[served]}\n${output}`]
  say('it went through')
  const facts = await factsOf(machine, changes.is === 'package' || changes.is === 'nothing' ? 'wait' : 'now')
  return [...remains(facts), ...facts.damaged.map((file) => `damaged: ${file}`)]
}

const FACTS = readFileSync(join(import.meta.dirname, 'facts.py'), 'utf8')

async function factsOf(machine: Booted, when: 'wait' | 'now'): Promise<Facts> {
  const script = `cat >/run/facts.py <<'THE END'\n${FACTS}THE END\npython3 /run/facts.py ${when}`
  const { code, output } = await machine.run('root', script)
  if (code !== 0) throw new Error(`facts.py ended with code ${code}:\n${output}`)
  return JSON.parse(output)
}
