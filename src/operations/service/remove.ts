import { rmSync } from 'node:fs'
import { isBooted } from '../../host/service/systemd.ts'
import { unitDirectory, unitFile } from '../../host/service/unit-files.ts'
import { Problem } from '../../problem.ts'
import { mayRemove } from '../../service/may-write.ts'
import { must } from './install.ts'
import { type Owner, ownerOf } from './owner.ts'

/** Stops the service, and removes it. The user and the runtime home stay. Throws SERVICE. */
export async function removeService(user: string | undefined, force: boolean): Promise<Owner> {
  const owner = ownerOf(user)
  const there = unitFile(owner.scope, owner.name)
  if (there === undefined) throw notThere(owner)
  const refused = mayRemove(there, force)
  if (refused !== undefined) throw refused
  if (isBooted()) await must(owner, ['disable', '--now', owner.name])
  rmSync(there.file)
  if (isBooted()) await must(owner, ['daemon-reload'])
  return owner
}

function notThere({ scope, name }: Owner): Problem {
  const file = `${unitDirectory(scope)}/${name}`
  return new Problem('SERVICE', 'mfserv is no service here', 'To make it one: mfserv service install', { file })
}
