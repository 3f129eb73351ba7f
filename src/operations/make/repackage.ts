import { cpSync, existsSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { textOf } from '../../host/disk/text-of.ts'
import type { Paths } from '../../host/home/paths.ts'
import { withScratchOf } from '../../host/home/scratch.ts'
import { readModule } from '../../host/module/module-environment.ts'
import { sourceDate } from '../../host/package/source-date.ts'
import { type WrittenPackage, writePackage } from '../../host/package/write-package.ts'
import { installedName } from '../../host/plugins/find-plugin.ts'
import { overrideTexts } from '../../host/plugins/override-files.ts'
import { readEntry } from '../../host/plugins/plugin-entry.ts'
import { readPlugin } from '../../host/plugins/read-plugin.ts'
import { releaseFileName } from '../../package/file-name.ts'
import { type MovedValue, withOverrides } from '../../plugin/rewrite/repackage.ts'
import { isError, Problem, Problems } from '../../problem.ts'

export interface Repackaging {
  readonly name: string
  /** The directory of plugins. */
  readonly plugins: string
  /** Where the file goes. */
  readonly directory: string
}

export interface Repackaged {
  readonly written: WrittenPackage
  readonly moved: readonly MovedValue[]
}

/**
 * Makes a release file of an installed plugin whose config.ini says what the overrides say; the installed one stays as it is.
 * Throws PLUGIN_NOT_FOUND, USAGE when a file of that name is there, Problems when its files or overrides are not right, and what `writePackage` throws.
 */
export async function repackage(wanted: Repackaging, paths: Paths, env: NodeJS.ProcessEnv): Promise<Repackaged> {
  const { variables } = readModule(paths, env)
  const name = installedName(wanted.name, wanted.plugins)
  const texts = overrideTexts(name, paths, env)
  const { home, mode, plugin, problems } = readEntry(wanted.plugins, name, variables, { texts, problems: [] })
  if (mode === 'dev_link') {
    const fix = `Its sources are in ${home}: change its config.ini and run make release there.`
    throw new Problem('USAGE', `the plugin ${name} is a development link`, fix, { file: home })
  }
  const errors = plugin === undefined ? problems.filter(isError) : []
  const time = sourceDate(env, errors)
  if (errors.length > 0) throw new Problems(errors)
  return await withScratchOf(paths, 'repackage', async (scratch) => {
    const copy = join(scratch, name)
    // What was built here is built again where the file is installed.
    cpSync(home, copy, { recursive: true, verbatimSymlinks: true, filter: (path) => relative(home, path) !== 'local' })
    const file = join(home, 'config.ini')
    const { text, moved } = withOverrides({ file, text: textOf(file) ?? '' }, texts, variables)
    writeFileSync(join(copy, 'config.ini'), text)
    const read = readPlugin(copy, variables)
    if (read.plugin === undefined) throw new Problems(read.problems.filter(isError))
    refuseExisting(join(wanted.directory, releaseFileName(read.plugin)))
    const written = await writePackage(copy, { plugin: read.plugin, directory: wanted.directory, time })
    return { written, moved }
  })
}

/** It may be the very file that was installed, with a signature that the new one does not have. */
function refuseExisting(file: string): void {
  if (!existsSync(file)) return
  const fix = 'Remove it first, or run the command in another directory.'
  throw new Problem('USAGE', 'there is a file of this name already', fix, { file })
}
