import { readdirSync, realpathSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import compare from 'semver/functions/compare.js'
import { type Report, runTool } from '../process/run-tool.ts'

/** A Node on this machine. */
export interface FoundNode {
  /** Absolute. */
  readonly path: string
  /** Such as 20.18.1. */
  readonly version: string
  /** The version of its binary interface, which compiled packages depend on. */
  readonly abi: string
}

/** Where version managers keep each version, below the home directory or the variable that names another place. */
const MANAGERS: readonly { readonly variable?: string; readonly below: string; readonly node: string }[] = [
  { variable: 'NVM_DIR', below: '.nvm', node: 'versions/node/*/bin/node' },
  { variable: 'FNM_DIR', below: '.local/share/fnm', node: 'node-versions/*/installation/bin/node' },
  { below: '.fnm', node: 'node-versions/*/installation/bin/node' },
  { variable: 'VOLTA_HOME', below: '.volta', node: 'tools/image/node/*/bin/node' },
  { variable: 'ASDF_DATA_DIR', below: '.asdf', node: 'installs/nodejs/*/bin/node' },
  { variable: 'MISE_DATA_DIR', below: '.local/share/mise', node: 'installs/node/*/bin/node' },
]

/** The newest Node on PATH or of a version manager whose version fits. */
export async function findNode(fits: (version: string) => boolean, env: NodeJS.ProcessEnv): Promise<FoundNode | undefined> {
  const named = managed(env)
    .filter(({ version }) => fits(version))
    .sort((one, other) => compare(other.version, one.version))
  const onPath = (env['PATH'] ?? '').split(delimiter).filter((directory) => directory.startsWith('/'))
  const paths = [...named.map(({ path }) => path), ...onPath.map((directory) => join(directory, 'node'))]
  const real = paths.flatMap((path) => realFile(path) ?? [])
  const found = await Promise.all([...new Set(real)].map((path) => askNode(path, env)))
  return found
    .flatMap((one) => (one !== undefined && fits(one.version) ? [one] : []))
    .sort((one, other) => compare(other.version, one.version))[0]
}

function managed(env: NodeJS.ProcessEnv): readonly { readonly path: string; readonly version: string }[] {
  return MANAGERS.flatMap(({ variable, below, node }) => {
    const home = env['HOME']
    const root = (variable === undefined ? undefined : env[variable]) ?? (home === undefined ? undefined : join(home, below))
    const [versions = '', rest = ''] = node.split('/*/')
    return root === undefined ? [] : namesIn(join(root, versions)).map((name) => version(join(root, versions, name, rest), name))
  }).filter((one) => one.version !== '')
}

function version(path: string, name: string): { readonly path: string; readonly version: string } {
  return { path, version: /^v?(\d+\.\d+\.\d+)$/.exec(name)?.[1] ?? '' }
}

function namesIn(directory: string): readonly string[] {
  return statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(directory) : []
}

function realFile(path: string): string | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? realpathSync(path) : undefined
}

const SILENT: Report = () => undefined

/** Undefined when it does not run. */
async function askNode(path: string, env: NodeJS.ProcessEnv): Promise<FoundNode | undefined> {
  const argv = [path, '-p', 'process.versions.node + " " + process.versions.modules'] as const
  try {
    const asked = await runTool({ argv, cwd: '/', env: { ...env, NODE_OPTIONS: '' }, doing: '', install: '' }, SILENT)
    const [version = '', abi = ''] = asked.is === 'done' ? asked.stdout.trim().split(' ') : []
    return /^\d+\.\d+\.\d+$/.test(version) ? { path, version, abi } : undefined
  } catch {
    // Not a program, or not for this machine: as if it were not there.
    return undefined
  }
}
