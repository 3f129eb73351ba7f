import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { installedName } from '../../../host/plugins/find-plugin.ts'
import { currentRelease, type ReleaseRecord, releaseHome, releasesOf } from '../../../host/releases/releases.ts'
import type { Result } from '../../output.ts'
import { box } from '../../table.ts'

interface Listed extends ReleaseRecord {
  readonly inForce: boolean
}

export async function run([wanted]: readonly [string]): Promise<Result> {
  const { plugins } = pathsOf(runtimeHome())
  const name = installedName(wanted, plugins)
  const current = currentRelease(plugins, name)
  const releases = releasesOf(plugins, name).map((record) => ({
    ...record,
    inForce: record.id === current,
    home: releaseHome(plugins, name, record.id),
  }))
  const rows = releases.map((record) => [
    record.inForce ? '*' : '',
    record.id,
    when(record.installedAt),
    left(record),
    record.file,
  ])
  const text =
    rows.length === 0
      ? `${name} is served from its sources. It has no releases.`
      : box({ title: `Releases of ${name} (${rows.length})`, head: ['', 'Release', 'Installed', 'In force until', 'File'], rows })
  return { data: releases, text }
}

/** As a person reads it, in the time zone of this machine. */
function when(iso: string): string {
  return new Date(iso).toLocaleString('sv-SE')
}

/** What has come into force again keeps the time it was left at before; nobody asks for that. */
function left({ leftAt, inForce }: Listed): string {
  return leftAt === undefined || inForce ? '' : when(leftAt)
}
