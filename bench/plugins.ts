import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { StatusReport } from '../src/control/protocol.ts'
import { linkAtomically } from '../src/host/disk/atomic.ts'
import { pathsOf } from '../src/host/home/paths.ts'
import { processId } from '../src/host/process/proc.ts'
import { eventually, newWorld, type World, writeFile } from '../test/system/world.ts'
import type { Scratch } from './scratch.ts'

/** One worker for each core, of nginx and of each app, whoever starts them. */
export const WORKERS = availableParallelism()

/** A runtime home of its own that ends with the theme; mfserv does not run yet. */
export async function openWorld(scratch: Scratch): Promise<World> {
  const world = await newWorld()
  scratch.atEnd(() => endWorld(world))
  writeFile(join(world.home, 'config/config.ini'), `[nginx]\nport = ${world.port}\nworkers = ${WORKERS}\n`)
  return world
}

async function endWorld(world: World): Promise<void> {
  const pid = await world.status().then(
    ({ daemon }) => daemon.pid,
    () => null,
  )
  await world.end()
  if (pid !== null) await eventually('the daemon has ended', () => (processId(pid) === undefined ? true : undefined))
  // At its very end Node writes its compile cache there.
  rmSync(world.home, { recursive: true, force: true })
}

/** Makes a plugin from a template as a person would, and lets mfserv serve it if it runs. Answers its directory. */
export async function addPlugin(
  world: World,
  name: string,
  template: string,
  workers = WORKERS,
  as: 'developed' | 'installed' = 'developed',
): Promise<string> {
  await world.must('bootstrap_plugin.py', ['create', '--no-input', `--template=${template}`, name], { in: world.home })
  const home = join(world.home, name)
  const config = join(home, 'config.ini')
  writeFile(config, readFileSync(config, 'utf8').replace(/^workers *=.*$/m, `workers = ${workers}`))
  await world.must('_plugins.make', [], { in: home })
  if (as === 'installed') await installRelease(world, home)
  else await world.must('_plugins.develop', [], { in: home })
  return home
}

/** Serves it as a server does: an installed release, which is another thing for nginx and PHP than sources that are edited. */
export async function installRelease(world: World, home: string): Promise<void> {
  await world.must('_plugins.release', [], { in: home })
  const file = readdirSync(home).find((name) => name.endsWith('.plugin'))
  if (file === undefined) throw new Error(`no release file in ${home}`)
  await world.must('plugins.install', [join(home, file)])
}

/** Another plugin with the same files as `first`, in development too. */
export function copyPlugin(world: World, first: string, name: string): void {
  if (existsSync(join(world.home, name))) return
  copyFiles(world, first, name)
  linkPlugin(world, name)
}

/** Another plugin with the same release as `first`, which is installed. */
export function copyInstalled(world: World, first: string, name: string): void {
  const { plugins } = pathsOf(world.home)
  const [from, to] = [first, name].map((one) => join(plugins, '.releases', one)) as [string, string]
  // Python takes bytecode for stale when the time of a source has changed.
  cpSync(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
  const release = readdirSync(to).find((entry) => !entry.endsWith('.json'))
  if (release === undefined) throw new Error(`${first} has no release`)
  writeFile(join(to, release, '.layerapi2_label'), `plugin_${name}@mfserv\n`)
  linkAtomically(join('.releases', name, release), join(plugins, name))
}

/** Its files alone: it is not served. */
export function copyFiles(world: World, first: string, name: string): void {
  const home = join(world.home, name)
  // Python takes bytecode for stale when the time of a source has changed.
  cpSync(join(world.home, first), home, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
  const label = join(home, '.layerapi2_label')
  writeFile(label, readFileSync(label, 'utf8').replace(`plugin_${first}@`, `plugin_${name}@`))
}

export function linkPlugin(world: World, name: string): void {
  linkAtomically(join(world.home, name), join(pathsOf(world.home).plugins, name))
}

export function allServe({ status, plugins }: StatusReport): boolean {
  return status === 'RUNNING' && plugins.every(({ state }) => state === 'serving')
}
