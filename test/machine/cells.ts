import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench, Step } from './bench.ts'
import { FRONT_STEPS } from './front/steps.ts'
import { CACHE, CLONE, type Kind, type Suite } from './image.ts'
import { OFFLINE_STEPS } from './offline.ts'
import { parcelFor, type Say } from './parcel.ts'
import { RESTORE_STEPS } from './restore/steps.ts'
import { restoreStock } from './restore/stock.ts'
import { USER_SERVICE_STEPS } from './service/of-user.ts'
import { SERVICE_STEPS, untilServed } from './service/steps.ts'
import { frontStock, serviceStock } from './service/stock.ts'
import { goOn, STEPS } from './steps.ts'

/** One machine of the table: a Debian, and what is done on it. */
export interface Cell {
  readonly suite: Suite
  readonly way: Way
}

export type Way = keyof typeof WAYS

interface HowTo {
  /** Who is logged in. */
  readonly login: string
  readonly kind: Kind
  readonly hasNetwork: boolean
  /** It writes what another machine is to get. */
  readonly carries?: true
  /** What the machine finds on its second disk, as a tar. */
  readonly tar: (suite: Suite, say: Say) => string
  /** In their order. */
  readonly steps: readonly Step[]
  /** What a machine whose disk was kept needs before its next step, once the step `after` has passed. */
  readonly goOn?: { readonly after: string; readonly run: (on: Bench) => Promise<void> }
}

const developer = {
  kind: 'developer',
  hasNetwork: true,
  tar: packClone,
  steps: STEPS,
  goOn: { after: 'make run', run: goOn },
} as const

export const WAYS = {
  root: { ...developer, login: 'root' },
  user: { ...developer, login: 'user' },
  offline: { login: 'user', kind: 'server', hasNetwork: false, tar: parcelFor, steps: OFFLINE_STEPS },
  service: {
    login: 'mfserv',
    kind: 'server',
    hasNetwork: true,
    tar: serviceStock,
    steps: SERVICE_STEPS,
    goOn: { after: 'service install --now', run: untilServed },
  },
  restore: {
    login: 'mfserv',
    kind: 'server',
    hasNetwork: true,
    carries: true,
    tar: restoreStock,
    steps: RESTORE_STEPS,
    goOn: { after: 'plugins with databases', run: untilServed },
  },
  'user-service': { login: 'user', kind: 'server', hasNetwork: true, tar: serviceStock, steps: USER_SERVICE_STEPS },
  front: { login: 'user', kind: 'server', hasNetwork: true, tar: frontStock, steps: FRONT_STEPS },
} as const satisfies Readonly<Record<string, HowTo>>

export function howTo({ way }: Cell): HowTo {
  return WAYS[way]
}

/** The last commit without its history, as a bundle that can be cloned. */
function packClone(): string {
  const [bundle, tar] = [join(CACHE, 'mfserv.bundle'), join(CACHE, 'mfserv.tar')]
  const git = (...words: string[]): string => execFileSync('git', words, { cwd: CLONE, encoding: 'utf8' }).trim()
  const commit = git('commit-tree', 'HEAD^{tree}', '-m', git('log', '-1', '--format=%s'))
  git('branch', '--quiet', '--force', 'machine', commit)
  try {
    git('bundle', 'create', '--quiet', bundle, 'machine')
  } finally {
    git('branch', '--quiet', '-D', 'machine')
  }
  execFileSync('tar', ['-cf', tar, '-C', CACHE, 'mfserv.bundle'])
  rmSync(bundle)
  return tar
}
