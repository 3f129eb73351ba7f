import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { consoleOf, type Guest } from '../guest.ts'
import { type Frozen, trialOf } from './machine.ts'
import type { Operation } from './operations.ts'
import { HOME } from './places.ts'
import { type Facts, judge, remains, type Verdict } from './verdict.ts'

export interface Outcome {
  readonly momentMs: number
  readonly verdict: Verdict
  /** Everything that the machine said, before the cut and after it. */
  readonly log: readonly string[]
}

/** When to cut: at a moment, or as soon as the operation says that it is done. */
export type When = { readonly is: 'after'; readonly ms: number } | { readonly is: 'done' }

/** Goes on with the frozen machine, begins the operation, cuts the power, gives it back, and judges what serves. */
export async function cutDuring(operation: Operation, when: When, frozen: Frozen): Promise<Outcome> {
  const log: string[] = []
  const trial = trialOf(frozen, (line) => log.push(line))
  const machines: Guest[] = []
  const say = (text: string): number => log.push(`== ${text}`)
  try {
    const before = await trial.goOn()
    machines.push(before)
    const { momentMs, isDone, ticksBefore } = await beginAndCut(operation, when, before, say)
    say(`power cut after ${momentMs} ms; the operation ${isDone ? 'had ended' : 'was under way'}`)
    const after = await trial.bootAgain()
    machines.push(after)
    const facts = await factsOf(after, 'wait')
    const verdict = judge({ operation, ticksBefore, isDone }, facts)
    say(`served after ${facts.waitedS} s: ${verdict.served ?? 'no whole version'}`)
    if (verdict.failures.length > 0) say(`its console:\n${consoleOf(trial.console)}`)
    const more = verdict.served === undefined ? [] : await goOnAfter(operation, verdict.served, after, say)
    return { momentMs, verdict: { ...verdict, failures: [...verdict.failures, ...more] }, log }
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error)
    say(`its console:\n${consoleOf(trial.console)}`)
    const momentMs = when.is === 'after' ? when.ms : 0
    return { momentMs, verdict: { served: undefined, failures: [because] }, log }
  } finally {
    for (const machine of machines) await machine.cut()
    trial.remove()
  }
}

async function beginAndCut(
  { name, user, prepare, script }: Operation,
  when: When,
  guest: Guest,
  say: (text: string) => void,
): Promise<{ readonly momentMs: number; readonly isDone: boolean; readonly ticksBefore: number }> {
  if (prepare !== undefined) await done(guest, user, prepare)
  const ticks = await guest.run('root', `wc -l <${HOME}/var/data/site/ticks`)
  say(`${name} begins`)
  const began = performance.now()
  const ending = guest.run(user, script).then(
    ({ code, output }) => ({ code, output }),
    // The machine was cut off in the middle of it, as it should be.
    () => undefined,
  )
  const ended = await (when.is === 'done' ? ending : Promise.race([ending, delay(when.ms)]))
  const momentMs = Math.round(performance.now() - began)
  await guest.cut()
  if (ended !== undefined && ended.code !== 0) throw new Error(`${name} failed before the power was cut:\n${ended.output}`)
  if (ended === undefined && when.is === 'done') throw new Error(`the machine ended during ${name}`)
  return { momentMs, isDone: ended !== undefined, ticksBefore: Number(ticks.output.trim()) }
}

/** What a person does next must be possible, and leaves nothing of what was begun. */
async function goOnAfter(
  { user, next, changes }: Operation,
  served: 'old' | 'new',
  guest: Guest,
  say: (text: string) => void,
): Promise<readonly string[]> {
  say(`the next command: ${next[served]}`)
  const { code, output } = await guest.run(user, next[served])
  if (code !== 0) return [`the next command ended with code ${code}: ${next[served]}\n${output}`]
  const facts = await factsOf(guest, changes.is === 'package' || changes.is === 'nothing' ? 'wait' : 'now')
  return [...remains(facts), ...facts.damaged.map((file) => `damaged: ${file}`)]
}

const FACTS = readFileSync(join(import.meta.dirname, 'facts.py'), 'utf8')

async function factsOf(guest: Guest, when: 'wait' | 'now'): Promise<Facts> {
  return JSON.parse(await done(guest, 'root', `cat >/run/facts.py <<'THE END'\n${FACTS}THE END\npython3 /run/facts.py ${when}`))
}

async function done(guest: Guest, user: string, script: string): Promise<string> {
  const { code, output } = await guest.run(user, script)
  if (code !== 0) throw new Error(`it ended with code ${code}: ${script}\n${output}`)
  return output
}
