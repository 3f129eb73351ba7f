import type { CronMemory } from '../../../src/cron/state.ts'
import type { Operation } from './operations.ts'

/** What facts.py tells of a machine after a boot. */
export interface Facts {
  readonly waitedS: number
  readonly service: string
  /** Null: `mfserv.status --json` printed something else. */
  readonly report: {
    readonly status: string
    readonly because: readonly string[]
    readonly plugins: readonly { readonly name: string; readonly version: string; readonly state: string }[]
    readonly candidates: readonly unknown[]
  } | null
  readonly pages: Readonly<Record<string, { readonly status: number; readonly body: string }>>
  /** What is in the directory of releases of each plugin. */
  readonly releases: Readonly<Record<string, readonly string[]>>
  readonly pointers: Readonly<Record<string, string>>
  readonly damaged: readonly string[]
  readonly leftovers: readonly string[]
  readonly log: { readonly lines: number; readonly missing: number; readonly doubled: number; readonly copies: number }
  readonly cron: { readonly ticks: readonly string[]; readonly memories: readonly CronMemory[] }
  /** `old`, `new`, or how the two packages are mixed. */
  readonly packaged: string
  readonly journal: string
  readonly daemonLog: string
}

export interface Verdict {
  /** Whether the operation happened; undefined when neither version is whole. */
  readonly served: 'old' | 'new' | undefined
  readonly failures: readonly string[]
}

export interface Trial {
  readonly operation: Operation
  /** How often the cron job had begun before the operation. */
  readonly ticksBefore: number
  /** The operation had said that it was done before the cut. */
  readonly isDone: boolean
}

/** What is wrong with a machine that has booted after a power cut, before anybody has done anything. */
export function judge(trial: Trial, facts: Facts): Verdict {
  const { operation, isDone } = trial
  const served = servedOf(trial, facts)
  const lost = isDone && served === 'old' && operation.changes.is !== 'nothing'
  return {
    served,
    failures: [
      ...serviceFailures(facts),
      ...pluginFailures(operation, facts),
      ...(lost ? ['the operation had ended with code 0, and after the boot it had not happened'] : []),
      ...facts.damaged.map((file) => `damaged: ${file}`),
      ...(facts.packaged === 'old' || facts.packaged === 'new' ? [] : [`the code of mfserv is ${facts.packaged}`]),
      ...logFailures(operation, facts),
      ...cronFailures(facts),
    ],
  }
}

/** What the next command for the plugin has to have removed. */
export function remains({ releases, pointers, leftovers, report }: Facts): readonly string[] {
  const halves = Object.entries(releases).flatMap(([plugin, names]) => halfReleases(names).map((name) => `${plugin}/${name}`))
  const unknown = Object.keys(releases).filter((plugin) => (releases[plugin] ?? []).length > 0 && !(plugin in pointers))
  return [
    ...halves.map((name) => `half a release: ${name}`),
    ...unknown.map((plugin) => `releases of a plugin that is not installed: ${plugin}`),
    ...leftovers.map((file) => `left over: ${file}`),
    ...(report?.candidates ?? []).map((one) => `a candidate: ${JSON.stringify(one)}`),
  ]
}

/** A directory without its record, or the other way round, or one that was being filled. */
function halfReleases(names: readonly string[]): readonly string[] {
  return names.filter((name) => {
    if (name.startsWith('.')) return name.startsWith('.unfinished-')
    if (name === 'pending.json') return false
    return name.endsWith('.json') ? !names.includes(name.slice(0, -'.json'.length)) : !names.includes(`${name}.json`)
  })
}

function serviceFailures({ service, report, waitedS }: Facts): readonly string[] {
  if (report === null) return [`the service is ${service}, and mfserv.status does not answer`]
  const isWell = service === 'active' && report.status === 'RUNNING'
  return isWell ? [] : [`after ${waitedS} s the service is ${service} and mfserv ${report.status}: ${report.because.join('; ')}`]
}

const BEFORE: Readonly<Record<string, string | null>> = { site: '2', spare: '1', extra: null }

function pluginFailures({ changes }: Operation, facts: Facts): readonly string[] {
  return Object.entries(BEFORE).flatMap(([plugin, before]) => {
    const is = wholeVersion(plugin, facts)
    const allowed = changes.is === 'plugin' && changes.plugin === plugin ? [changes.from, changes.to] : [before]
    if (is !== 'mixed' && allowed.includes(is.version)) return []
    const pages = [`/${plugin}/`, `/${plugin}/files/`].map((path) => `${path} ${JSON.stringify(facts.pages[path])}`)
    const known = facts.report?.plugins.find(({ name }) => name === plugin)
    return [
      `${plugin} is no whole version of ${allowed.join(' or ')}: ${pages.join(', ')}, in mfserv.status ${JSON.stringify(known)}`,
    ]
  })
}

/** The version that each page says, and mfserv.status too; null when the plugin is nowhere. */
function wholeVersion(plugin: string, { pages, report }: Facts): { readonly version: string | null } | 'mixed' {
  const [main, files] = [pages[`/${plugin}/`], pages[`/${plugin}/files/`]]
  const known = report?.plugins.find(({ name }) => name === plugin)
  if (known === undefined) return main?.status === 404 && files?.status === 404 ? { version: null } : 'mixed'
  const isWhole =
    known.state === 'serving' &&
    main?.body === `${known.version} ${known.version} ${known.version}` &&
    files?.body === known.version
  return isWhole ? { version: known.version } : 'mixed'
}

function servedOf({ operation: { changes }, ticksBefore }: Trial, facts: Facts): 'old' | 'new' | undefined {
  switch (changes.is) {
    case 'plugin': {
      const is = wholeVersion(changes.plugin, facts)
      if (is === 'mixed') return undefined
      return is.version === changes.to ? 'new' : is.version === changes.from ? 'old' : undefined
    }
    case 'package':
      return facts.packaged === 'old' || facts.packaged === 'new' ? facts.packaged : undefined
    case 'log':
      return facts.log.copies > 0 ? 'new' : 'old'
    case 'cron':
      return facts.cron.ticks.length > ticksBefore ? 'new' : 'old'
    case 'nothing':
      return 'old'
    default:
      return changes satisfies never
  }
}

function logFailures({ changes }: Operation, { log: { lines, missing, doubled } }: Facts): readonly string[] {
  return [
    ...(changes.is === 'log' && lines === 0 ? ['the log is gone'] : []),
    ...(missing > 0 ? [`${missing} lines of a log that were on the disk before the rotation are lost`] : []),
    ...(doubled > 0 ? [`${doubled} lines of a log are there twice`] : []),
  ]
}

/** Each due time is started at most once, and is written down before its job is started: a job has no run that nobody knows. */
function cronFailures({ cron: { ticks, memories } }: Facts): readonly string[] {
  const [memory] = memories
  if (memory === undefined) return ['nothing is known any more of a cron job']
  const ran = memory.history.flatMap((entry) => (entry.is === 'ran' ? [entry.run] : []))
  const runs = memory.state.is === 'waiting' ? ran : [...ran, memory.state.run]
  const dues = runs.flatMap(({ due }) => (due === null ? [] : [due]))
  return [
    ...(new Set(dues).size < dues.length ? ['a due time of a cron job was started twice'] : []),
    ...(ticks.length > runs.length ? [`a cron job began ${ticks.length} times, and mfserv knows of ${runs.length} runs`] : []),
  ]
}
