import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../problem.ts'
import { isErrno } from '../disk/errno.ts'
import type { Paths } from '../home/paths.ts'
import { type Report, runTool, type ToolResult } from '../process/run-tool.ts'

/**
 * Makes the files of Debian packages available, with what they depend on and this machine lacks. Returns the directory that
 * holds their `usr/`, `etc/` and so on. As root they are installed (their services are not started) and the directory is `/`;
 * otherwise they are unpacked below `paths.opt`, which needs no rights. Quick when it has been done before by unpacking.
 * Throws `TOOL_MISSING` when this is no Debian, `BUILD_FAILED` with the message of apt.
 */
export async function installDebian(packages: readonly string[], paths: Paths, report: Report): Promise<string> {
  return process.getuid?.() === 0 ? installAsRoot(packages, report) : unpack(packages, paths, report)
}

/** The directory `installDebian` returned to an ordinary user for these packages; undefined if it was not called yet. */
export function unpackedDebian(packages: readonly string[], paths: Paths): string | undefined {
  const directory = directoryOf(packages, paths)
  return existsSync(directory) ? directory : undefined
}

async function installAsRoot(packages: readonly string[], report: Report): Promise<string> {
  const doing = `Installing ${packages.join(', ')} (Debian)`
  const install = () =>
    apt(['apt-get', '-o', 'DPkg::Lock::Timeout=120', 'install', '-y', '--no-install-recommends', ...packages], '/', doing, report)
  const policy = forbidServices()
  try {
    const first = await install()
    if (first.is === 'done') return '/'
    // An image without package lists, or lists that name versions which are gone.
    await must(apt(['apt-get', 'update'], '/', 'Updating the lists of Debian packages', report), packages)
    await must(install(), packages)
    return '/'
  } finally {
    policy.lift()
  }
}

const POLICY = '/usr/sbin/policy-rc.d'
const FORBID = '#!/bin/sh\n# mfserv installs packages now and removes this file afterwards.\nexit 101\n'

/** Debian asks this program before a package starts its service; 101 forbids. A policy of the administrator's stays as it is. */
function forbidServices(): { lift(): void } {
  const lift = (): void => rmSync(POLICY, { force: true })
  try {
    writeFileSync(POLICY, FORBID, { mode: 0o755, flag: 'wx' })
    return { lift }
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error
    // Ours, if an installation was killed.
    return readFileSync(POLICY, 'utf8') === FORBID ? { lift } : { lift: () => undefined }
  }
}

/** Complete by construction: the directory gets its name when everything is in it. */
async function unpack(packages: readonly string[], paths: Paths, report: Report): Promise<string> {
  const done = unpackedDebian(packages, paths)
  if (done !== undefined) return done
  mkdirSync(join(paths.opt, 'debian'), { recursive: true })
  const stage = mkdtempSync(join(paths.opt, 'debian', '.new-'))
  try {
    const archives = join(stage, 'archives')
    const root = join(stage, 'root')
    mkdirSync(archives)
    mkdirSync(root)
    await download(packages, archives, report)
    for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
      await must(apt(['dpkg-deb', '-x', join(archives, file), root], archives, `Unpacking ${file}`, report), packages)
    }
    return settle(root, directoryOf(packages, paths))
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

async function download(packages: readonly string[], archives: string, report: Report): Promise<void> {
  const own = ownLists(archives)
  const missing = await missingPackages(packages, [], report)
  const [names, options] = missing.is === 'found' ? [missing.names, []] : [await afterUpdate(packages, own, report), own]
  const doing = `Downloading ${names.join(', ')} (Debian)`
  const first = await apt(['apt-get', ...options, 'download', ...names], archives, doing, report)
  if (first.is === 'done') return
  // The lists of the system name versions that are gone: look with lists of our own.
  const fresh = await afterUpdate(packages, own, report)
  await must(apt(['apt-get', ...own, 'download', ...fresh], archives, doing, report), packages)
}

type Missing =
  | { readonly is: 'found'; readonly names: readonly string[] }
  | { readonly is: 'unknown'; readonly result: ToolResult }

/** What an installation would add here, dependencies included. */
async function missingPackages(packages: readonly string[], options: readonly string[], report: Report): Promise<Missing> {
  const quiet = ['-o', 'APT::Get::Show-User-Simulation-Note=false'] as const
  const argv = ['apt-get', ...options, ...quiet, '--simulate', '--no-install-recommends', 'install', ...packages] as const
  const result = await apt(argv, '/', `Looking for ${packages.join(', ')} (Debian)`, report)
  if (result.is === 'failed') return { is: 'unknown', result }
  const added = [...result.stdout.matchAll(/^Inst (\S+)/gm)].map(([, name = '']) => name)
  // What the system has already is needed here all the same: the caller looks for it below the directory.
  return { is: 'found', names: [...new Set([...packages, ...added])] }
}

async function afterUpdate(packages: readonly string[], own: readonly string[], report: Report): Promise<readonly string[]> {
  await must(apt(['apt-get', ...own, 'update'], '/', 'Updating the lists of Debian packages', report), packages)
  const missing = await missingPackages(packages, own, report)
  if (missing.is === 'found') return missing.names
  throw failed(missing.result, packages)
}

/** Lets apt keep its lists where an ordinary user may write. */
function ownLists(directory: string): readonly string[] {
  const lists = join(directory, 'lists')
  mkdirSync(join(lists, 'partial'), { recursive: true })
  return [
    '-o',
    `Dir::State::Lists=${lists}`,
    '-o',
    `Dir::Cache=${directory}`,
    '-o',
    'Debug::NoLocking=1',
    '-o',
    'Acquire::Languages=none',
  ]
}

function settle(root: string, directory: string): string {
  try {
    renameSync(root, directory)
  } catch (error) {
    // Another command has unpacked the same in the meantime.
    if (!isErrno(error, 'ENOTEMPTY') && !isErrno(error, 'EEXIST')) throw error
  }
  return directory
}

function directoryOf(packages: readonly string[], paths: Paths): string {
  return join(paths.opt, 'debian', packages.join('+'))
}

function apt(argv: readonly [string, ...string[]], cwd: string, doing: string, report: Report): Promise<ToolResult> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' }
  const install = 'mfserv installs packages by itself on Debian only. Install them with the package manager of this system.'
  // What is installed is for every user of the machine, and apt reads its lists as a user of its own.
  const umask = process.umask(FOR_EVERYBODY)
  try {
    return runTool({ argv, cwd, env, doing, install }, report)
  } finally {
    process.umask(umask)
  }
}

const FOR_EVERYBODY = 0o022

async function must(running: Promise<ToolResult>, packages: readonly string[]): Promise<void> {
  const result = await running
  if (result.is === 'failed') throw failed(result, packages)
}

function failed(result: ToolResult, packages: readonly string[]): Problem {
  const message = result.is === 'failed' ? result.message : ''
  const fix = `Check /etc/apt/sources.list and the network, or let an administrator run: apt-get install ${packages.join(' ')}\nWithout a network: bring their .deb files on a disk, and name them on that line instead.`
  return new Problem('BUILD_FAILED', `the Debian packages ${packages.join(', ')} could not be installed:\n${message}`, fix)
}
