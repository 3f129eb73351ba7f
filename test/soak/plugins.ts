import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StatusReport } from '../../src/control/protocol.ts'
import { type World, writeFile } from '../system/world.ts'

/** The plugins under load that are served from their sources: several workers, and one alone. */
export const DEVELOPED = ['wsgi', 'express'] as const
export type Developed = (typeof DEVELOPED)[number]
/** The one that is installed from releases. */
export const RELEASED = 'notes'
export const LOADED = [...DEVELOPED, RELEASED] as const

export const SOURCES: Readonly<Record<Developed, string>> = { wsgi: 'main/wsgi.py', express: 'express/server.js' }
export const FLOOD = 'flood'
export const FLOOD_BYTES_PER_SECOND = 1_000_000

/** Logs without end, as fast as a careless loop under load would. */
const FLOODING = `import sys, threading, time

def flood():
    lines = ("x" * 99 + "\\n") * ${FLOOD_BYTES_PER_SECOND / 100 / 100}
    while True:
        sys.stdout.write(lines)
        sys.stdout.flush()
        time.sleep(0.01)

threading.Thread(target=flood, daemon=True).start()

def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"Hello"]
`

export async function makePlugins(world: World): Promise<void> {
  await make(world, 'wsgi', 'default', 2)
  await make(world, 'express', 'node', 1)
  for (const name of DEVELOPED) await world.must('_plugins.develop', [], { in: join(world.home, name) })
  await make(world, RELEASED, 'default', 2)
  await release(world, '1')
  await release(world, '2')
  await world.must('plugins.install', [releaseFile(world, '1')])
  await make(world, FLOOD, 'default', 1)
  change(world, `${FLOOD}/main/wsgi.py`, () => FLOODING)
  await world.must('_plugins.develop', [], { in: join(world.home, FLOOD) })
  await make(world, 'crash', 'default', 1)
  change(world, 'crash/main/wsgi.py', () => 'raise SystemExit("this plugin crashes at every start")\n')
  // It tells that the plugin fails, which it is here to do.
  await world.run('_plugins.develop', [], { in: join(world.home, 'crash') })
  await world.until('the plugins under load serve', loadedServe)
}

/** Two versions that take turns. */
export function releaseFile(world: World, version: '1' | '2'): string {
  return join(world.home, `${RELEASED}-${version}-1.metwork.mfserv.plugin`)
}

async function release(world: World, version: '1' | '2'): Promise<void> {
  setKey(world, RELEASED, 'version', version)
  change(world, `${RELEASED}/main/wsgi.py`, (text) => text.replace(/Hello [^"]*/, `Hello version ${version}`))
  await world.must('_plugins.release', ['--output-directory', world.home], { in: join(world.home, RELEASED) })
}

async function make(world: World, name: string, template: string, workers: number): Promise<void> {
  await world.must('bootstrap_plugin.py', ['create', '--no-input', `--template=${template}`, name], { in: world.home })
  if (template === 'node') change(world, `${name}/${name}/server.js`, (text) => text.replace('app.get(', 'app.all('))
  setKey(world, name, 'workers', String(workers))
  await world.must('_plugins.make', [], { in: join(world.home, name) })
}

/** Changes a line of config.ini. */
export function setKey(world: World, name: string, key: string, value: string): void {
  change(world, `${name}/config.ini`, (text) => text.replace(new RegExp(`^${key} *=.*$`, 'm'), `${key} = ${value}`))
}

export function change(world: World, path: string, how: (text: string) => string): void {
  const file = join(world.home, path)
  writeFile(file, how(readFileSync(file, 'utf8')))
}

export function loadedServe({ status, plugins }: StatusReport): boolean {
  const loaded = plugins.filter(({ name }) => LOADED.some((one) => one === name))
  return status !== 'STARTING' && loaded.length === LOADED.length && loaded.every(({ state }) => state === 'serving')
}
