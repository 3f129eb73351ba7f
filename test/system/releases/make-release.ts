import { cpSync, existsSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathsOf } from '../../../src/host/home/paths.ts'
import { releasePlugin } from '../../../src/operations/make/make-release.ts'
import { bootstrap, setKey, type World } from '../world.ts'

/** The sources of a plugin, and a way to release them. */
export interface Sources {
  readonly name: string
  readonly home: string
  /** Sets the version, changes what `change` says, and makes a .plugin file of it; answers where that is. */
  readonly release: (version: string, change?: (home: string) => void, sign?: string) => Promise<string>
}

/** A plugin from a template that is to be released, not developed. */
export async function sourcesOf(world: World, name: string, template: string): Promise<Sources> {
  const home = await bootstrap(world, name, template)
  return { name, home, release: (version, change, sign) => releaseSources(world, home, version, change, sign) }
}

/** Releases a changed copy of the sources in `home`; answers where the file is. */
export async function releaseSources(
  world: World,
  home: string,
  version: string,
  change?: (home: string) => void,
  sign?: string,
): Promise<string> {
  const scratch = `${home}-${version}`
  cpSync(home, scratch, { recursive: true, verbatimSymlinks: true })
  try {
    setKey(scratch, 'version', version)
    change?.(scratch)
    const env = { ...process.env, MFMODULE_RUNTIME_HOME: world.home, MFSERV_SITE_DIRECTORY: join(world.home, 'site') }
    // What the command does, without the start of a command each time.
    const place = { paths: pathsOf(world.home), env, report: () => undefined }
    await releasePlugin(scratch, { directory: world.home, ...(sign === undefined ? {} : { sign }) }, place)
    keepBuilt(scratch, home)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return join(world.home, `${basename(home)}-${version}-1.metwork.mfserv.plugin`)
}

/** The next release of the same packages neither builds nor fetches them. */
function keepBuilt(scratch: string, home: string): void {
  if (!existsSync(join(scratch, 'python3_virtualenv_sources/src'))) return
  for (const part of ['python3_virtualenv_sources', 'local']) {
    rmSync(join(home, part), { recursive: true, force: true })
    renameSync(join(scratch, part), join(home, part))
  }
}
