import { resolve } from 'node:path'
import { answersText, isCutOff } from '../../../control/reachable.ts'
import type { Paths } from '../../../host/home/paths.ts'
import { readPackageFacts } from '../../../host/package/read-package.ts'
import { currentRelease } from '../../../host/releases/releases.ts'
import { askUrls } from '../../../operations/plugin/ask-urls.ts'
import { type Installed, installPlugin } from '../../../operations/release/install.ts'
import { isServed } from '../../../operations/release/place-of-change.ts'
import { refuseInside } from '../../inside-plugin.ts'
import type { Result } from '../../output.ts'
import { reachNow } from '../../reach-now.ts'
import { stepLine } from '../../step.ts'
import { surroundings } from '../../surroundings.ts'
import { requireFile, requireName } from '../../written.ts'

interface InstallOptions {
  readonly newName?: string
  readonly force?: true
  readonly dryRun?: true
  readonly pluginsBaseDir?: string
}

export async function run([written]: readonly [string], options: InstallOptions): Promise<Result> {
  requireFile(written)
  requireName(options.newName)
  const file = resolve(written)
  const at = surroundings(options.pluginsBaseDir)
  if (options.dryRun === true) {
    const { dryRunOfFile } = await import('../../dry-run.ts')
    return await dryRunOfFile(file, options.newName, options.pluginsBaseDir)
  }
  refuseInside()
  if (options.force === true && (await isReplaced(file, options.newName, at.paths.plugins))) {
    const { cautionOf } = await import('../../caution.ts')
    const { swapFile } = await import('../../swapped.ts')
    return await swapFile(file, options.newName, cautionOf({}, at.paths), at)
  }
  return installedResult(await installPlugin(file, options.newName, at), at.paths)
}

async function isReplaced(file: string, newName: string | undefined, plugins: string): Promise<boolean> {
  return currentRelease(plugins, newName ?? (await readPackageFacts(file)).name) !== undefined
}

/** It is installed also when nginx serves nothing; that is what there is to fix then. */
async function installedResult(installed: Installed, paths: Paths): Promise<Result> {
  const { name, release, state, apps, notes } = installed
  const reach = await reachNow(paths)
  const unserved = isServed(paths) ? 'It is served once mfserv runs: mfserv.start' : 'No daemon serves this directory of plugins.'
  const text = [
    stepLine(`Installing plugin ${name} ${release}`, notes.length === 0 ? 'OK' : 'WARNING'),
    state === 'serving' && reach !== undefined
      ? answersText(name, apps, reach, await askUrls(apps, reach))
      : `${name} is installed. ${unserved}`,
    ...notes,
  ]
  const isFailed = state === 'serving' && isCutOff(apps, reach)
  return { data: { ...installed, reach: reach ?? null }, text: text.join('\n'), exitCode: isFailed ? 1 : 0 }
}
