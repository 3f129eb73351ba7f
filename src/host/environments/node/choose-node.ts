import { existsSync, mkdirSync, readlinkSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { formatProblem, Problem } from '../../../problem.ts'
import { linkAtomically } from '../../disk/atomic.ts'
import type { Report } from '../../process/run-tool.ts'
import { findNode } from '../../programs/find-node.ts'
import type { BuildTools } from '../../programs/tools.ts'
import { readPackageJson } from './node-modules.ts'
import { fitsAll, type NodeWish, nodeWishes } from './node-wishes.ts'

/** The Node that a plugin runs on, and that its packages are built for. */
export interface ChosenNode {
  readonly path: string
  readonly abi: string
  readonly isNew: boolean
}

/** The directory of the chosen Node, if it is not the one of mfserv. It is on the PATH of the plugin. */
const BIN = 'local/node/bin'

/**
 * Chooses a Node that fits what the plugin at `home` asks for: that of mfserv if it does, or one on PATH or of a version
 * manager. Where there is none, it is that of mfserv, with a warning, as npm does it.
 */
export async function chooseNode(home: string, tools: BuildTools, report: Report): Promise<ChosenNode> {
  const wishes = nodeWishes(home)
  const fits = fitsAll(wishes)
  for (const wish of wishes.filter(({ range }) => range === undefined)) report(formatProblem(unreadable(wish)))
  const ofMfserv = { path: tools.node, abi: process.versions.modules }
  const isBrought = readPackageJson(home)?.dependencies['node'] !== undefined
  if (isBrought || fits(process.versions.node)) return { ...ofMfserv, isNew: forget(home) }
  const found = await findNode(fits, tools.environment)
  if (found === undefined) {
    report(formatProblem(missing(wishes)))
    return { ...ofMfserv, isNew: forget(home) }
  }
  const link = join(home, BIN, 'node')
  const isNew = !existsSync(link) || readlinkSync(link) !== found.path
  if (isNew) {
    report(`Using Node ${found.version} of ${found.path}: ${asked(wishes)}`)
    mkdirSync(join(home, BIN), { recursive: true })
    linkAtomically(found.path, link)
    linkBeside(home, found.path)
  }
  return { path: link, abi: found.abi, isNew }
}

/** The npm that came with it, if there is one. */
function linkBeside(home: string, node: string): void {
  for (const name of ['npm', 'npx']) {
    rmSync(join(home, BIN, name), { force: true })
    if (existsSync(join(dirname(node), name))) linkAtomically(join(dirname(node), name), join(home, BIN, name))
  }
}

/** Says whether there was another one before. */
function forget(home: string): boolean {
  const directory = join(home, dirname(BIN))
  if (!existsSync(directory)) return false
  rmSync(directory, { recursive: true, force: true })
  return true
}

function asked(wishes: readonly NodeWish[]): string {
  return wishes.map(({ said, written }) => `${said} asks for ${written}`).join(', ')
}

function missing(wishes: readonly NodeWish[]): Problem {
  const message = `${asked(wishes)}; there is no such Node here, so it runs on ${process.versions.node}, the Node of mfserv`
  const fix =
    'Install one (nvm install, fnm install, or a package of the system), or add it to the plugin: npm install node@VERSION. Then run make again.'
  return new Problem('NODE_VERSION', message, fix, wishes.find((wish) => !fitsAll([wish])(process.versions.node))?.where)
}

function unreadable({ said, written, where }: NodeWish): Problem {
  const fix = 'Write a version such as 22 or 22.11.0; in engines, a range such as >=20.'
  return new Problem('NODE_VERSION', `${said} asks for "${written}", which is no version of Node`, fix, where)
}

/** The one that was chosen for a plugin, where it is not that of mfserv. */
export function chosenNode(home: string): string | undefined {
  const link = join(home, BIN, 'node')
  return existsSync(link) ? link : undefined
}
