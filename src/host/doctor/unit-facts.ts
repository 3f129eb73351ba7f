import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { UnitFacts } from '../../doctor/facts.ts'
import { foreignNamesIn } from '../disk/names-in.ts'

/** Whether systemd knows of an mfserv, of the machine or of this user. */
export function unitFacts(): UnitFacts {
  if (!existsSync('/run/systemd/system')) return { is: 'no systemd' }
  const places = [
    '/etc/systemd/system',
    '/usr/lib/systemd/system',
    '/lib/systemd/system',
    join(homedir(), '.config/systemd/user'),
  ]
  const units = places.flatMap((place) =>
    foreignNamesIn(place)
      .filter((name) => /^mfserv.*\.service$/.test(name))
      .map((name) => join(place, name)),
  )
  const [file] = units
  return file === undefined ? { is: 'none' } : { is: 'there', file }
}
