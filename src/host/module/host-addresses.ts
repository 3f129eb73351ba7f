import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { addressesIn, NO_ADDRESS } from '../../config/edit/host-keys.ts'
import { writeAtomically } from '../disk/atomic.ts'
import { isSystemError } from '../disk/errno.ts'
import { readJson } from '../disk/read-json.ts'
import { textOf } from '../disk/text-of.ts'
import type { Paths } from '../home/paths.ts'

const ANSWERS_WITHIN_MS = 2000
const FRESH_MS = 1440 * 60_000
/** A name server that does not answer must not hold up every command. */
const ASK_AGAIN_MS = 60_000
const HOSTS = '/etc/hosts'
/** After a change of these a name may have another address. */
const RULES = [HOSTS, '/etc/resolv.conf', '/etc/nsswitch.conf']

interface Kept {
  readonly address: string
  /** When it was asked last, and whether there was an answer. */
  readonly at: number
  readonly isAnswered: boolean
}

/** The addresses of hosts that the configuration names: of the machine itself, else as they were within a day, else asked. */
export function hostAddresses(
  names: readonly string[],
  { hostAddresses: file }: Paths,
  now: number,
): ReadonlyMap<string, string> {
  if (names.length === 0) return new Map()
  const own = addressesIn(textOf(HOSTS) ?? '')
  const kept = keptIn(file)
  const changedAt = Math.max(...RULES.map(changeOf))
  const found = names.map((name) => [name, own.get(name) ?? foreign(name, kept.get(name), changedAt, now)] as const)
  const asked = found.flatMap(([name, one]) => (typeof one === 'string' || one === kept.get(name) ? [] : [[name, one] as const]))
  if (asked.length > 0) keep(file, new Map([...kept, ...asked]))
  return new Map(found.map(([name, one]) => [name, typeof one === 'string' ? one : one.address]))
}

function foreign(name: string, kept: Kept | undefined, changedAt: number, now: number): Kept {
  const isFresh =
    kept !== undefined && kept.at <= now && now - kept.at < (kept.isAnswered ? FRESH_MS : ASK_AGAIN_MS) && kept.at > changedAt
  if (isFresh) return kept
  const address = ask(name)
  // An address of before is better than none.
  return { address: address ?? kept?.address ?? NO_ADDRESS, at: now, isAnswered: address !== undefined }
}

/** As every program of the machine would find it. An address of IPv4 where there is one. */
function ask(name: string): string | undefined {
  const { stdout } = spawnSync('getent', ['ahosts', name], { encoding: 'utf8', timeout: ANSWERS_WITHIN_MS })
  const addresses = (stdout ?? '')
    .split('\n')
    .flatMap((line) => line.split(/\s+/, 1))
    .filter((one) => one !== '')
  return addresses.find((one) => one.includes('.')) ?? addresses[0]
}

function keptIn(file: string): ReadonlyMap<string, Kept> {
  const value = readJson(file)
  return new Map(
    typeof value === 'object' && value !== null
      ? Object.entries(value).filter((entry): entry is [string, Kept] => isKept(entry[1]))
      : [],
  )
}

function isKept(value: unknown): value is Kept {
  return (
    typeof value === 'object' &&
    value !== null &&
    'address' in value &&
    typeof value.address === 'string' &&
    'at' in value &&
    typeof value.at === 'number' &&
    'isAnswered' in value
  )
}

/** Without it the name is asked again: no reason to fail. */
function keep(file: string, all: ReadonlyMap<string, Kept>): void {
  try {
    writeAtomically(file, JSON.stringify(Object.fromEntries(all)), 'volatile')
  } catch (error) {
    if (!isSystemError(error)) throw error
  }
}

function changeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
