import type { Table } from '../src/cli/table.ts'
import type { Scratch } from './scratch.ts'

/** One thing to measure, printed as one table. */
export interface Theme {
  readonly name: string
  readonly summary: string
  readonly run: (bench: Bench) => Promise<Findings>
}

export interface Bench {
  readonly extent: Extent
  readonly scratch: Scratch
  /** A line about what goes on now. */
  readonly say: (text: string) => void
}

export interface Findings {
  readonly table: Table
  /** How often and on what it was measured, the targets, and what could not be measured. */
  readonly notes: readonly string[]
}

/** How much is measured. */
export interface Extent {
  /** Each contender under load so many times. */
  readonly rounds: number
  /** Each app type and what it is compared with so many times. */
  readonly typeRounds: number
  /** Each time so long. */
  readonly seconds: number
  /** Runs of each command. */
  readonly commandRuns: number
  readonly edits: number
  /** Numbers of plugins, and how often mfserv is started with each. */
  readonly plugins: readonly number[]
  readonly starts: number
  /** Numbers of plugins for the rounds of the daemon, and how often a worker is killed with each. */
  readonly manyPlugins: readonly number[]
  readonly crashes: number
  /** How often each kind of plugin is installed, replaced and removed. */
  readonly installs: number
  /** Of nginx, for each kind of client. */
  readonly reloads: number
  /** With many plugins: proofs and reloads by nginx alone, requests to the first and the last, and plugins that come besides. */
  readonly proofs: number
  readonly latencies: number
  readonly onesMore: number
  /** Plugins that sleep, and how many of each kind are woken one after the other. */
  readonly sleepers: number
  readonly wakes: number
}

export const FULL: Extent = {
  rounds: 15,
  typeRounds: 5,
  seconds: 2,
  commandRuns: 30,
  edits: 10,
  plugins: [1, 10, 100],
  starts: 3,
  manyPlugins: [10, 100, 1000],
  crashes: 5,
  installs: 3,
  reloads: 50,
  proofs: 5,
  latencies: 5000,
  onesMore: 5,
  sleepers: 1000,
  wakes: 40,
}
/** Shows that everything works; its numbers mean little. */
export const QUICK: Extent = {
  rounds: 1,
  typeRounds: 1,
  seconds: 1,
  commandRuns: 3,
  edits: 2,
  plugins: [1, 3],
  starts: 1,
  manyPlugins: [4],
  crashes: 1,
  installs: 1,
  reloads: 2,
  proofs: 1,
  latencies: 50,
  onesMore: 1,
  sleepers: 15,
  wakes: 3,
}

/** Keeps what drifts with time from falling on the same contender each round. */
export function ordered<T>(contenders: readonly T[], round: number): readonly T[] {
  return round % 2 === 0 ? contenders : contenders.toReversed()
}
