import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../problem.ts'
import { FOR_EVERYBODY, writeAtomically } from '../disk/atomic.ts'
import { readStamp, textOf } from '../disk/text-of.ts'
import { type Report, runTool } from '../process/run-tool.ts'
import { type BuildTools, nodeEnvironment } from '../programs/tools.ts'
import { blamedLine } from './blame.ts'
import {
  decideNodeModules,
  type NodeModulesStamp,
  nodeModulesStamp,
  npmCommand,
  type PackageJson,
  parsePackageJson,
} from './package-json.ts'

const LOCK = 'package-lock.json'
const STAMP = '.mfserv-build.json'

export type NodePart = 'package-lock.json' | 'node_modules' | 'node_modules removed'

/** The Node side of a plugin: makes package-lock.json and node_modules, only when package.json, the lock or Node changed. */
export async function buildNodeModules(home: string, tools: BuildTools, report: Report): Promise<readonly NodePart[]> {
  const packageJson = readPackageJson(home)
  const lock = textOf(join(home, LOCK))
  const decision = decideNodeModules(packageJson, lock, process.versions.modules, builtNodeModules(home))
  if (decision === 'keep') return []
  if (packageJson === undefined || decision === 'remove') {
    rmSync(join(home, 'node_modules'), { recursive: true, force: true })
    return ['node_modules removed']
  }
  const build = packageJson.needs === 'itself only' ? buildBeside : buildInPlace
  await build(home, packageJson, tools, report)
  return textOf(join(home, LOCK)) === lock ? ['node_modules'] : ['package-lock.json', 'node_modules']
}

export function builtNodeModules(home: string): NodeModulesStamp | undefined {
  const stamp = readStamp(join(home, 'node_modules', STAMP))
  return isStamp(stamp) ? stamp : undefined
}

function isStamp(value: unknown): value is NodeModulesStamp {
  return typeof value === 'object' && value !== null && 'packageJson' in value && 'lock' in value && 'abi' in value
}

/** Undefined when the plugin has none. */
export function readPackageJson(home: string): PackageJson | undefined {
  const file = join(home, 'package.json')
  const text = textOf(file)
  if (text === undefined) return undefined
  const parsed = parsePackageJson(text, file)
  if (parsed instanceof Problem) throw parsed
  return parsed
}

/** Builds in `local/`, which nothing watches and no release contains, and renames. An interrupted build leaves the old one. */
async function buildBeside(home: string, packageJson: PackageJson, tools: BuildTools, report: Report): Promise<void> {
  const stage = join(home, 'local/node.tmp')
  rmSync(stage, { recursive: true, force: true })
  try {
    mkdirSync(stage, { recursive: true })
    for (const name of ['package.json', LOCK, '.npmrc'].filter((file) => existsSync(join(home, file)))) {
      copyFileSync(join(home, name), join(stage, name))
    }
    await npm(home, stage, packageJson, tools, report)
    const lock = sealNodeModules(stage, packageJson)
    if (lock !== textOf(join(home, LOCK))) writeAtomically(join(home, LOCK), lock, 'durable', FOR_EVERYBODY)
    const before = setAside(home)
    renameSync(join(stage, 'node_modules'), join(home, 'node_modules'))
    rmSync(before, { recursive: true, force: true })
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

/** For a package.json that refers to its directory, which npm can only install there. A failed build puts the old one back. */
async function buildInPlace(home: string, packageJson: PackageJson, tools: BuildTools, report: Report): Promise<void> {
  const nodeModules = join(home, 'node_modules')
  const before = setAside(home)
  try {
    await npm(home, home, packageJson, tools, report)
    sealNodeModules(home, packageJson)
  } catch (error) {
    rmSync(nodeModules, { recursive: true, force: true })
    if (existsSync(before)) renameSync(before, nodeModules)
    throw error
  }
  rmSync(before, { recursive: true, force: true })
}

/** Moves node_modules out of the way, and says where to. */
function setAside(home: string): string {
  const aside = join(home, 'local/node_modules.old')
  rmSync(aside, { recursive: true, force: true })
  mkdirSync(join(home, 'local'), { recursive: true })
  if (existsSync(join(home, 'node_modules'))) renameSync(join(home, 'node_modules'), aside)
  return aside
}

/** Writes the stamp, which makes a build count as complete; returns the text of the lock it belongs to. */
function sealNodeModules(directory: string, packageJson: PackageJson): string {
  const lock = textOf(join(directory, LOCK))
  if (lock === undefined) throw new Error(`npm made no ${LOCK}`)
  mkdirSync(join(directory, 'node_modules'), { recursive: true })
  const stamp = nodeModulesStamp(packageJson, lock, process.versions.modules)
  writeFileSync(join(directory, 'node_modules', STAMP), `${JSON.stringify(stamp, null, 2)}\n`)
  return lock
}

async function npm(home: string, cwd: string, packageJson: PackageJson, tools: BuildTools, report: Report): Promise<void> {
  const command = npmCommand(packageJson, textOf(join(cwd, LOCK)))
  const options = [
    '--no-audit',
    '--no-fund',
    '--no-progress',
    '--loglevel=error',
    '--package-lock=true',
    '--omit-lockfile-registry-resolved',
  ]
  const count = Object.keys(packageJson.dependencies).length
  const doing = `Installing ${count === 1 ? '1 Node package' : `${count} Node packages`} and what ${count === 1 ? 'it needs' : 'they need'} (npm ${command})`
  const install = 'Install npm (Debian: apt install npm), or put its directory on PATH.'
  const result = await runTool({ argv: ['npm', command, ...options], cwd, env: nodeEnvironment(tools), doing, install }, report)
  if (result.is === 'done') return
  const isPackage = (name: string): boolean => Object.hasOwn(packageJson.dependencies, name)
  const line = blamedLine(result.message, packageJson.text, 'package.json', isPackage)
  const where = { file: join(home, 'package.json'), ...(line === undefined ? {} : { line }) }
  const correct = `Correct ${line === undefined ? 'package.json' : `line ${line} of package.json`} and run make again.`
  const fix = `${correct} If the registry could not be reached, see docs/reference/templates.md for mirrors and proxies.`
  throw new Problem('BUILD_FAILED', `${doing} failed:\n${result.message}`, fix, where)
}
