import { join } from 'node:path'
import type { Variables } from '../../config/variables.ts'
import type { Candidate } from '../../desired/installed.ts'
import type { Paths } from '../../host/home/paths.ts'
import { log } from '../../host/logs/logger.ts'
import { asInstalled } from '../../host/plugins/installed.ts'
import { readOverrides } from '../../host/plugins/override-files.ts'
import { readPlugin } from '../../host/plugins/read-plugin.ts'
import { type CandidateRecord, readCandidates } from '../../host/releases/candidate.ts'
import { releaseHome } from '../../host/releases/releases.ts'
import { formatProblem, isError, type Problem } from '../../problem.ts'

/** A release to be tried, as it is on disk. */
export interface TriedRelease {
  readonly record: CandidateRecord
  /** Undefined when a problem is an error. */
  readonly candidate: Candidate | undefined
  readonly problems: readonly Problem[]
}

/** The releases that commands want to be tried, read again when they change. */
export class Candidates {
  readonly #paths: Paths
  #tried: readonly TriedRelease[] = []
  #key = '[]'

  constructor(paths: Paths) {
    this.#paths = paths
  }

  all(): readonly TriedRelease[] {
    return this.#tried
  }

  /** Cheap while nothing is tried: it is asked in every round, because a command may die at any time. */
  refresh(variables: Variables, scope: 'stale' | 'all'): 'changed' | 'same' {
    const records = readCandidates(this.#paths)
    const key = JSON.stringify(records)
    if (key === this.#key && (scope !== 'all' || records.length === 0)) return 'same'
    if (key !== this.#key) tell(this.#tried, records)
    this.#tried = records.map((record) => readTried(record, this.#paths, variables))
    this.#key = key
    return 'changed'
  }
}

function readTried(record: CandidateRecord, paths: Paths, variables: Variables): TriedRelease {
  const { plugin: name, release, canaryPercent } = record
  const { plugins } = paths
  const overrides = readOverrides(name, paths, process.env, record.overrides)
  const read = readPlugin(releaseHome(plugins, name, release), variables, overrides.texts)
  const { plugin, problems } = { plugin: read.plugin, problems: [...overrides.problems, ...read.problems] }
  if (plugin === undefined || problems.some(isError)) {
    for (const problem of problems) log('WARNING', `release ${release} of ${name}: ${formatProblem(problem)}`)
    return { record, candidate: undefined, problems }
  }
  return {
    record,
    candidate: { installed: asInstalled(plugin, { is: 'installed', at: join(plugins, name) }), canaryPercent },
    problems,
  }
}

function tell(before: readonly TriedRelease[], now: readonly CandidateRecord[]): void {
  const name = ({ plugin, release, canaryPercent }: CandidateRecord): string =>
    `release ${release} of ${plugin}${canaryPercent === 0 ? '' : ` as a canary of ${canaryPercent} %`}`
  const known = new Set(before.map(({ record }) => name(record)))
  const wanted = new Set(now.map(name))
  for (const one of wanted) if (!known.has(one)) log('INFO', `${one} is tried`)
  for (const one of known) if (!wanted.has(one)) log('INFO', `${one} is tried no longer`)
}
