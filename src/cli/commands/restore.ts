import { pathsOf, runtimeHome } from '../../host/home/paths.ts'
import { restore } from '../../operations/module/restore.ts'
import { progress, type Result } from '../output.ts'

export async function run([file]: readonly [string], { force }: { readonly force?: true }): Promise<Result> {
  const paths = pathsOf(runtimeHome())
  const { manifest, plugins, notes } = await restore(file, { paths, env: process.env, isForced: force === true, say: progress })
  const what =
    plugins.length === 0 ? 'no plugin' : plugins.length === 1 ? `the plugin ${plugins[0]}` : `${plugins.length} plugins`
  const text = [
    `${paths.runtimeHome} is what it was on ${manifest.host} at ${manifest.createdAt}, with ${what}.`,
    ...notes,
    'Start it: mfserv.start',
  ]
  const { createdAt, host, mfserv } = manifest
  return { data: { home: paths.runtimeHome, createdAt, host, mfserv, plugins, notes }, text: text.join('\n') }
}
