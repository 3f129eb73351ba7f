import { closeSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { listenersOf } from '../../config/listen/listener.ts'
import type { Routes } from '../../desired/desired.ts'
import { fragmentPlace } from '../../nginx/fragments/fragment-place.ts'
import { fragmentsOf, withFragments } from '../../nginx/fragments/kept-fragments.ts'
import { listenProblem } from '../../nginx/listen/refused.ts'
import type { NginxMachine } from '../../nginx/machine.ts'
import { type Rendered, render, withoutPlugins } from '../../nginx/render.ts'
import { Problem, Problems } from '../../problem.ts'
import { writeAtomically } from '../disk/atomic.ts'
import { textOf } from '../disk/text-of.ts'
import { type Paths, whyNoDirectory } from '../home/paths.ts'
import { withScratchOf } from '../home/scratch.ts'
import { openLog } from '../logs/log-file.ts'
import { apartIn } from './apart.ts'
import { asProblem, withRest } from './as-problem.ts'
import { endOrphans, reload, start, stop, writePidFile } from './control.ts'
import type { Front, Publication } from './front.ts'
import { type KeptFragments, keepFragments, keptFragments } from './kept-fragments.ts'
import { asItRuns, keepLibraries } from './libraries-at-start.ts'
import { portProblems } from './ports.ts'
import { findMaster, masterOf } from './processes.ts'
import { findNginx, type NginxProgram, type Proof, proveConfiguration } from './program.ts'
import { type Proven, proveWithQuarantine } from './quarantine.ts'
import { endOlder, upgrade, wasReplaced } from './upgrade.ts'

export { findNginx } from './program.ts'

/** The routes of a config.ini and the fragments of a plugin are in it. Only nginx's master reads it, which has our user. */
const PRIVATE = 0o600

/** nginx of one runtime home. It outlives this process; whoever comes next finds it by `paths`. */
export function nginxFront(paths: Paths): Front {
  return {
    pid: () => masterOf(paths)?.pid,
    prove: (server, own) => proveModule(paths, { server, paths: own, plugins: [] }),
    publish: async (routes) => {
      try {
        return await publish(paths, routes)
      } catch (error) {
        return { is: 'failed', problem: withRest(asProblem(error, paths.nginxConf), masterOf(paths) !== undefined) }
      }
    },
    stop: (withinMs) => stop(paths, withinMs),
  }
}

/** Nothing changes before nginx has accepted the new text, and nothing at all when it is what is served already. */
async function publish(paths: Paths, routes: Routes): Promise<Publication> {
  const running = masterOf(paths) ?? findMaster(paths)
  const found = findNginx(paths)
  const program = running === undefined ? found : asItRuns(found, paths)
  // Where there can be none nginx says so; Node would try for ever.
  if (whyNoDirectory(routes.paths.tempDirectory) === undefined) mkdirSync(routes.paths.tempDirectory, { recursive: true })
  mkdirSync(dirname(paths.nginxConf), { recursive: true })
  // nginx itself would make them for everybody, and follow a symbolic link.
  for (const file of [routes.paths.errorLog, routes.paths.accessLog]) closeSync(openLog(file))
  const { text, accepted, quarantined, withKeptFragments } = await proven(paths, routes, program)
  const master = masterOf(paths) ?? findMaster(paths)
  if (master !== undefined) writePidFile(paths, master)
  endOlder(paths, master)
  const isReplaced = master !== undefined && wasReplaced(master)
  if (master !== undefined && !isReplaced && isServed(paths, text)) {
    keepFragments(paths, accepted)
    return { is: 'running', did: 'nothing', quarantined, withKeptFragments }
  }
  if (master === undefined) await endOrphans(paths)
  const ports = await portProblems(routes.server, master)
  if (ports.length > 0) throw new Problems(ports)
  if (master === undefined) keepLibraries(program, paths)
  await replaceText(paths, text, async () => {
    if (master === undefined) await start(paths, routes, program)
    else if (isReplaced) await upgrade(paths, master, routes)
    else await reload(master, routes)
  })
  keepFragments(paths, accepted)
  return { is: 'running', did: master === undefined ? 'started' : 'reloaded', quarantined, withKeptFragments }
}

interface ProvenOrKept extends Proven {
  readonly withKeptFragments: ReadonlyMap<string, Problem>
  /** The fragments of each plugin that nginx has accepted last: now or, where it refused those of now, before. */
  readonly accepted: KeptFragments
}

/** A plugin whose fragments nginx refuses is tried again with those that it accepted last. */
async function proven(paths: Paths, routes: Routes, program: NginxProgram): Promise<ProvenOrKept> {
  // The same name each time: nginx writes it into its messages.
  const candidate = `${paths.nginxConf}.candidate`
  const asWritten = await provenInPlace(paths, candidate, routes, program)
  const before = keptFragments(paths)
  const served = [...asWritten.quarantined.keys()].some((plugin) => before.has(plugin))
    ? await provenInPlace(paths, candidate, withKept(routes, asWritten.quarantined, before), program)
    : asWritten
  const accepted = routes.plugins.flatMap((one) => {
    const fragments = asWritten.quarantined.has(one.plugin) ? before.get(one.plugin) : fragmentsOf(one)
    return fragments === undefined ? [] : [[one.plugin, fragments] as const]
  })
  return {
    text: served.text,
    quarantined: new Map([...served.quarantined].map(([plugin, why]) => [plugin, asWritten.quarantined.get(plugin) ?? why])),
    withKeptFragments: new Map([...asWritten.quarantined].filter(([plugin]) => !served.quarantined.has(plugin)).map(asKept)),
    accepted: new Map(accepted),
  }
}

function withKept(routes: Routes, refused: ReadonlyMap<string, Problem>, kept: KeptFragments): Routes {
  const plugins = routes.plugins.map((one) => {
    const fragments = refused.has(one.plugin) ? kept.get(one.plugin) : undefined
    return fragments === undefined ? one : withFragments(one, fragments)
  })
  return { ...routes, plugins }
}

function asKept([plugin, { code, message, where }]: readonly [string, Problem]): readonly [string, Problem] {
  const fix = 'Fix the nginx fragments of the plugin. Until then it is served with the last ones that nginx accepted.'
  return [plugin, new Problem(code, message, fix, where)]
}

/**
 * Which of the plugins nginx would refuse with these routes, and why. Nothing is made or changed but in a directory that is
 * gone afterwards: see docs/decisions/0008-a-proof-changes-nothing.md. Throws Problems when
 * it refuses them all, or when there is no nginx.
 */
export async function proveRoutes(paths: Paths, routes: Routes): Promise<ReadonlyMap<string, Problem>> {
  return await withScratchOf(paths, 'nginx_proof', async (scratch) => {
    const at = (name: string): string => join(scratch, name)
    // nginx -t makes its directories and opens its logs: these are not those of the nginx that serves.
    const own = {
      pidFile: at('nginx.pid'),
      accessLog: at('access.log'),
      errorLog: at('error.log'),
      tempDirectory: at('temp'),
    }
    mkdirSync(own.tempDirectory)
    const apart = apartIn(scratch, dirname(paths.nginxConf), { ...routes, paths: { ...routes.paths, ...own } })
    const { quarantined } = await provenIn(at('nginx.conf.candidate'), apart.routes, findNginx(paths), apart.named)
    return new Map([...apart.refused, ...quarantined])
  })
}

async function proveModule(paths: Paths, routes: Routes): Promise<readonly Problem[]> {
  try {
    // What nginx says about an address is less than what is known here.
    const ports = await portProblems(routes.server, masterOf(paths) ?? findMaster(paths))
    if (ports.length === 0) await proveRoutes(paths, routes)
    return ports
  } catch (error) {
    return [asProblem(error, paths.nginxConf)]
  }
}

/** Proved apart first: what nginx refuses has made nothing. */
async function provenInPlace(paths: Paths, candidate: string, routes: Routes, program: NginxProgram): Promise<Proven> {
  return await withScratchOf(paths, 'nginx_proof', async (scratch) => {
    const apart = apartIn(scratch, dirname(paths.nginxConf), routes)
    if (!apart.differ) return await provenIn(candidate, routes, program)
    const proof = await provenIn(join(scratch, 'nginx.conf.candidate'), apart.routes, program, apart.named)
    const refused = new Map([...apart.refused, ...proof.quarantined])
    const { text, quarantined } = await provenIn(candidate, withoutPlugins(routes, new Set(refused.keys())), program)
    return { text, quarantined: new Map([...refused, ...quarantined]) }
  })
}

/** `named`: a message of nginx in the words of the person who wrote what it is about. */
async function provenIn(
  candidate: string,
  routes: Routes,
  program: NginxProgram,
  named = (output: string): string => output,
): Promise<Proven> {
  const prove = async (text: string): Promise<Proof> => {
    writeFileSync(candidate, text, { mode: PRIVATE })
    const proof = await proveConfiguration(program, candidate)
    return proof.is === 'refused' ? { ...proof, output: named(proof.output) } : proof
  }
  try {
    return await proveWithQuarantine({
      plugins: routes.plugins.map(({ plugin }) => plugin),
      render: rememberedRender(routes, program.machine),
      prove,
      placeOf: (name, text, line) => {
        const plugin = routes.plugins.find((one) => one.plugin === name)
        return plugin && fragmentPlace(text, line, plugin)
      },
      ofModule: (message) => listenProblem(message, listenersOf(routes.server)),
    })
  } finally {
    rmSync(candidate, { force: true })
  }
}

/** The same routes are asked for several times in one proof, and a thousand plugins take a tenth of a second each time. */
function rememberedRender(routes: Routes, machine: NginxMachine): (excluded: ReadonlySet<string>) => Rendered {
  let last: { readonly excluded: string; readonly rendered: Rendered } | undefined
  return (excluded) => {
    const key = [...excluded].sort().join(' ')
    if (last?.excluded !== key) last = { excluded: key, rendered: render(withoutPlugins(routes, excluded), machine) }
    return last.rendered
  }
}

/** A mark stands beside the file from before it changes until nginx has taken the change, also if this process is killed. */
async function replaceText(paths: Paths, text: string, apply: () => Promise<void>): Promise<void> {
  const before = presentConf(paths)
  writeFileSync(markOf(paths), '')
  writeAtomically(paths.nginxConf, text, 'durable', PRIVATE)
  try {
    await apply()
  } catch (error) {
    // The last configuration that worked is the one to start with next time.
    if (before !== undefined) writeAtomically(paths.nginxConf, before, 'durable', PRIVATE)
    throw error
  }
  rmSync(markOf(paths))
}

function isServed(paths: Paths, text: string): boolean {
  return !existsSync(markOf(paths)) && presentConf(paths) === text
}

function presentConf({ nginxConf }: Paths): string | undefined {
  return textOf(nginxConf)
}

function markOf({ nginxConf }: Paths): string {
  return `${nginxConf}.pending`
}
