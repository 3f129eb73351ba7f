import type { Command } from 'commander'
import type { ReleaseRecord } from '../../../host/releases/releases.ts'
import type { OutputOptions, Result } from '../../output.ts'

interface Listed extends ReleaseRecord {
  readonly inForce: boolean
}

export function register(plugins: Command): void {
  plugins
    .command('releases')
    .description('List the releases of a plugin that are kept, and which of them is in force.')
    .argument('<NAME>', 'the name of the plugin')
    .action(async (name: string, _options, command: Command) => {
      const { print } = await import('../../output.ts')
      const options = command.optsWithGlobals<OutputOptions>()
      print(await run(name), options)
    })
}

async function run(wanted: string): Promise<Result> {
  const { installedName } = await import('../../../host/plugins/find-plugin.ts')
  const { pathsOf, runtimeHome } = await import('../../../host/home/paths.ts')
  const { currentRelease, releaseHome, releasesOf } = await import('../../../host/releases/releases.ts')
  const { box } = await import('../../table.ts')
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
