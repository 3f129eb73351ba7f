import type { AppReport, PluginReport, ProblemReport, SlotReport, StatusWord } from './protocol.ts'

/** What the word of the module depends on, and nothing else. */
export interface Facts {
  /** `gone`: no daemon runs. `left`: whether what it supervised runs on. */
  readonly phase: 'starting' | 'running' | 'stopping' | 'stopped' | 'gone'
  /** `untried`: it has not been asked to serve yet. */
  readonly nginx: 'serves' | 'down' | 'off' | 'untried'
  readonly plugins: readonly PluginFacts[]
  /** Errors of the module itself: its configuration, its disk, what nginx did not take. */
  readonly problems: readonly Pick<ProblemReport, 'message'>[]
  readonly isLeft?: boolean
  /** Whether mfserv drain holds: requests are served, and a load balancer is to send them elsewhere. */
  readonly isDraining?: boolean
}

type PluginFacts = Pick<PluginReport, 'name' | 'state'> & {
  readonly apps: readonly AppFacts[]
  readonly daemons: readonly { readonly slots: readonly SlotFacts[] }[]
}
type AppFacts = Pick<AppReport, 'isServed'> & { readonly slots: readonly SlotFacts[] }
type SlotFacts = Pick<SlotReport, 'pid' | 'failures'> & Partial<Pick<SlotReport, 'actual'>>

export interface Verdict {
  readonly word: StatusWord
  /** Why it is not RUNNING, a line each, for people. */
  readonly because: readonly string[]
  /** What the health location says: whether requests are served. */
  readonly isHealthy: boolean
}

/** So many attempts one after the other: it is not only on its way. The first two follow each other at once. */
const PATIENT_ATTEMPTS = 3

/**
 * The only place where the word of the module is decided. Requests are served, and nothing is wrong: RUNNING. Something is:
 * DEGRADED. They are not served: ERROR.
 */
export function verdict(facts: Facts): Verdict {
  switch (facts.phase) {
    case 'gone':
      return withoutDaemon(facts)
    case 'stopping':
      return { word: 'STOPPING', because: ['it was told to stop'], isHealthy: false }
    case 'stopped':
      return { word: 'STOPPED', because: ['it was told to stop'], isHealthy: false }
    case 'starting':
    case 'running':
      return facts.isDraining === true ? drained(ofRunning(facts)) : ofRunning(facts)
    default:
      return facts.phase satisfies never
  }
}

/** What mfserv.start and mfserv.status end with. */
export function exitCodeOf(word: StatusWord): number {
  return EXIT_CODES[word]
}

const EXIT_CODES: Readonly<Record<StatusWord, number>> = {
  RUNNING: 0,
  ERROR: 1,
  DEGRADED: 2,
  STOPPED: 3,
  STARTING: 4,
  STOPPING: 4,
  DRAINING: 5,
}

function ofRunning({ phase, nginx, plugins, problems }: Facts): Verdict {
  const because = [...problems.map(({ message }) => firstLine(message)), ...plugins.flatMap(troubleOf)]
  if (nginx === 'down') return { word: 'ERROR', because: unique(['nginx does not run', ...because]), isHealthy: false }
  if (phase === 'starting' && (nginx === 'untried' || !plugins.every(isSettled))) {
    const isHealthy = nginx === 'serves' && wanted(plugins).every(answers)
    return { word: 'STARTING', because: ['not every plugin has come up yet'], isHealthy }
  }
  if (isEachOut(plugins)) return { word: 'ERROR', because: unique(['no app answers', ...because]), isHealthy: false }
  return { word: because.length === 0 ? 'RUNNING' : 'DEGRADED', because: unique(because), isHealthy: true }
}

/** What does not serve is told as that: to leave is right then too. */
function drained({ word, because }: Verdict): Verdict {
  if (word === 'ERROR' || word === 'STARTING') return { word, because, isHealthy: false }
  return { word: 'DRAINING', because: ['it was told to drain; to end that: mfserv drain --off', ...because], isHealthy: false }
}

function withoutDaemon({ nginx, isLeft = false }: Facts): Verdict {
  if (!isLeft) return { word: 'STOPPED', because: ['it does not run'], isHealthy: false }
  const because = ['the daemon has gone']
  return nginx === 'down'
    ? { word: 'ERROR', because: [...because, 'nginx does not run'], isHealthy: false }
    : { word: 'DEGRADED', because, isHealthy: true }
}

/** What is starting, or restarted at once after its end, is on its way. */
function troubleOf({ name, state }: PluginFacts): readonly string[] {
  return state === 'refused' || state === 'quarantined' || state === 'failing' ? [`plugin ${name} is ${state}`] : []
}

/** A new state is likely neither now nor soon. */
function isSettled({ state, apps, daemons }: PluginFacts): boolean {
  if (state === 'starting') return false
  const slots = [...apps, ...daemons].flatMap((part) => part.slots)
  return state !== 'failing' || slots.some(({ failures }) => failures >= PATIENT_ATTEMPTS) || slots.length === 0
}

/** Not the plugins on a machine that has none: the module itself answers then. */
function isEachOut(plugins: readonly PluginFacts[]): boolean {
  const apps = wanted(plugins)
  return apps.length > 0 && apps.every(isOut)
}

type WantedApp = AppFacts & { readonly isQuarantined: boolean }

function wanted(plugins: readonly PluginFacts[]): readonly WantedApp[] {
  return plugins
    .filter(({ state }) => state !== 'stopped')
    .flatMap(({ state, apps }) =>
      apps.filter(({ isServed }) => isServed).map((app) => ({ ...app, isQuarantined: state === 'quarantined' })),
    )
}

/** Requests for an app whose worker is only being replaced wait, and are answered. */
function isOut(app: WantedApp): boolean {
  const isTried = (slot: SlotFacts): boolean => slot.failures >= PATIENT_ATTEMPTS
  return app.isQuarantined || (!answers(app) && app.slots.some(isTried))
}

/** One without workers is answered by nginx; one that sleeps wakes up at a request. */
function answers({ slots, isQuarantined }: WantedApp): boolean {
  return !isQuarantined && (slots.length === 0 || slots.some(({ pid, actual }) => pid !== null || actual === 'asleep'))
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}
