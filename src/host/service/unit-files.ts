import { chmodSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type FoundUnit, METWORK, readUnit } from '../../service/unit.ts'
import { writeAtomically } from '../disk/atomic.ts'
import { digest } from '../disk/digest.ts'
import { namesIn } from '../disk/names-in.ts'
import { textOf } from '../disk/text-of.ts'
import type { Scope } from './systemd.ts'

export interface UnitFile extends FoundUnit {
  readonly scope: Scope
  /** Of the unit. */
  readonly name: string
  readonly file: string
  readonly text: string
}

const SYSTEM = '/etc/systemd/system'
const OF_PACKAGES = ['/usr/lib/systemd/system', '/lib/systemd/system']
const FOR_EVERYBODY = 0o644

/** Where the units of a scope are written. */
export function unitDirectory(scope: Scope): string {
  if (scope === 'system') return SYSTEM
  const config = process.env['XDG_CONFIG_HOME']
  return join(config === undefined || config === '' ? join(homedir(), '.config') : config, 'systemd/user')
}

export function unitFile(scope: Scope, name: string): UnitFile | undefined {
  const file = join(unitDirectory(scope), name)
  const text = textOf(file)
  return text === undefined ? undefined : { scope, name, file, text, ...readUnit(text, digest) }
}

/** The unit that runs the daemon of this runtime home; one of the user comes before one of the machine. */
export function unitOf(runtimeHome: string): UnitFile | undefined {
  const places = [['user', unitDirectory('user')], ...[SYSTEM, ...OF_PACKAGES].map((directory) => ['system', directory])] as const
  for (const [scope, directory] of places as readonly (readonly [Scope, string])[]) {
    for (const name of namesIn(directory).filter((one) => /^mfserv(-.*)?\.service$/.test(one))) {
      const file = join(directory, name)
      const text = textOf(file)
      if (text === undefined) continue
      const found = readUnit(text, digest)
      if (found.runtimeHome === runtimeHome) return { scope, name, file, text, ...found }
    }
  }
  return undefined
}

/** Every user may read it. */
export function writeUnit(file: string, text: string): void {
  writeAtomically(file, text, 'durable', FOR_EVERYBODY)
  chmodSync(file, FOR_EVERYBODY)
}

/** Whether the MetWork Framework itself has a service of that name on this machine. */
export function hasMetwork(own: string): boolean {
  const units = [SYSTEM, ...OF_PACKAGES].map((directory) => textOf(join(directory, METWORK)))
  const others = units.some((text) => text !== undefined && !isOwn(text, own))
  return others || textOf('/etc/init.d/metwork') !== undefined
}

/** `metwork.service` is a link to our unit once it is enabled. */
function isOwn(text: string, own: string): boolean {
  return text === textOf(join(SYSTEM, own)) || readUnit(text, digest).is !== 'of others'
}
