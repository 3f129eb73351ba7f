import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bootstrap, edit, setKey, type World } from '../world.ts'

/** The sources of a plugin, and a way to release them. */
export interface Sources {
  readonly name: string
  readonly home: string
  /** Sets the version, changes what `change` says, and makes a .plugin file of it; answers where that is. */
  readonly release: (version: string, change?: (home: string) => void) => Promise<string>
}

/** A plugin from a template that is to be released, not developed. */
export async function sourcesOf(world: World, name: string, template: string): Promise<Sources> {
  const home = await bootstrap(world, name, template)
  return { name, home, release: (version, change) => releaseOf(world, home, version, change) }
}

async function releaseOf(world: World, home: string, version: string, change?: (home: string) => void): Promise<string> {
  const scratch = `${home}-${version}`
  cpSync(home, scratch, { recursive: true, verbatimSymlinks: true })
  try {
    setKey(scratch, 'version', version)
    change?.(scratch)
    await world.must('_plugins.make', [], { in: scratch })
    await world.must('_plugins.release', ['--output-directory', world.home], { in: scratch })
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  const file = readdirSync(world.home).find((one) => one.includes(`-${version}-`) && one.endsWith('.plugin'))
  if (file === undefined || !existsSync(join(world.home, file))) throw new Error(`no release ${version} of ${home}`)
  return join(world.home, file)
}

export { edit, setKey }
