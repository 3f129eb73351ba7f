import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { overCaller } from '../../desired/caller-environment.ts'
import { FOR_EVERYBODY, writeAtomically } from '../../host/disk/atomic.ts'
import { readStamp } from '../../host/disk/text-of.ts'
import { lockBuild } from '../../host/environments/build.ts'
import { buildTools } from '../../host/environments/build-tools.ts'
import { chosenNode } from '../../host/environments/node/choose-node.ts'
import type { Paths } from '../../host/home/paths.ts'
import { readModule } from '../../host/module/module-environment.ts'
import { placeOf } from '../../host/plugins/plugin-environment.ts'
import { type Report, runTool } from '../../host/process/run-tool.ts'
import { nodeEnvironment } from '../../host/programs/tools.ts'
import { privateKind } from '../../package/contents/private-files.ts'
import type { Plugin } from '../../plugin/plugin.ts'
import { Problem } from '../../problem.ts'

/** What the build of a plugin ran for; it is kept in `local`, which no release contains. */
interface BuildStamp {
  readonly command: string
  /** Of all files of the plugin after it ran: those that it reads and those that it made. */
  readonly fingerprint: string
  readonly made: readonly string[]
}

const STAMP = 'local/build.json'

/**
 * Runs the command `build` of the plugin, unless nothing changed since it ran last. Its dependencies are to be in place.
 * Throws `BUILD_FAILED` with what it said last, `BUSY` while the plugin is being built.
 */
export async function runBuild(
  plugin: Plugin,
  paths: Paths,
  env: NodeJS.ProcessEnv,
  report: Report,
): Promise<'ran' | 'not needed'> {
  const { home, build } = plugin
  if (build === undefined) return 'not needed'
  const before = stampOf(home)
  if (before?.command === build.command && before.fingerprint === fingerprint(home)) return 'not needed'
  const { environment } = placeOf(plugin, readModule(paths, env), paths, env)
  const ofMfserv = buildTools(paths, env, report)
  const tools = { ...ofMfserv, node: chosenNode(home) ?? ofMfserv.node, environment: overCaller(environment, env) }
  const lock = lockBuild(home)
  try {
    const started = Date.now()
    await run(home, build, nodeEnvironment(tools), report)
    const made = [...filesOf(home)].filter(({ changed }) => changed >= started).map(({ path }) => path)
    const kept = (before?.made ?? []).filter((path) => existsSync(join(home, path)))
    const all = [...new Set([...kept, ...made])].sort()
    const stamp: BuildStamp = { command: build.command, fingerprint: fingerprint(home), made: all }
    mkdirSync(dirname(join(home, STAMP)), { recursive: true })
    writeAtomically(join(home, STAMP), `${JSON.stringify(stamp, null, 1)}\n`, 'durable', FOR_EVERYBODY)
    return 'ran'
  } finally {
    lock.release()
  }
}

async function run(home: string, build: NonNullable<Plugin['build']>, env: NodeJS.ProcessEnv, report: Report): Promise<void> {
  const doing = `Running the build (${build.command})`
  const install = 'Install a shell: /bin/sh.'
  const result = await runTool({ argv: ['/bin/sh', '-c', build.command], cwd: home, env, doing, install }, report)
  if (result.is === 'done') return
  const fix = 'Fix what the message says, or the key build, and run make again. What was served before goes on.'
  throw new Problem('BUILD_FAILED', `${build.command} ended with ${result.endedWith}:\n${result.message}`, fix, build.where)
}

/** The files that the build made. */
export function madeByBuild(home: string): readonly string[] {
  return stampOf(home)?.made ?? []
}

function stampOf(home: string): BuildStamp | undefined {
  const stamp = readStamp(join(home, STAMP))
  return isStamp(stamp) ? stamp : undefined
}

function isStamp(value: unknown): value is BuildStamp {
  return typeof value === 'object' && value !== null && 'command' in value && 'fingerprint' in value && 'made' in value
}

function fingerprint(home: string): string {
  const hash = createHash('sha256')
  for (const { path, size, modified } of filesOf(home)) hash.update(`${path}\n${size} ${modified}\n`)
  return hash.digest('hex')
}

interface BuildFile {
  readonly path: string
  readonly size: bigint
  readonly modified: bigint
  /** Milliseconds since 1970; a copy that keeps the time of its source has been changed all the same. */
  readonly changed: number
}

/** What a build may read or write, in order: not what mfserv makes, nor data, logs and caches. */
function* filesOf(home: string, directory = ''): Generator<BuildFile> {
  const entries = readdirSync(join(home, directory), { withFileTypes: true }).sort((one, other) =>
    one.name < other.name ? -1 : 1,
  )
  for (const entry of entries) {
    const path = directory === '' ? entry.name : `${directory}/${entry.name}`
    if (isForeign(path, entry.isDirectory())) continue
    if (entry.isDirectory() && entry.name === 'node_modules') yield* fileAt(home, `${path}/.package-lock.json`)
    else if (entry.isDirectory()) yield* filesOf(home, path)
    else yield* fileAt(home, path)
  }
}

function* fileAt(home: string, path: string): Generator<BuildFile> {
  const stat = statSync(join(home, path), { bigint: true, throwIfNoEntry: false })
  if (stat?.isFile() === true) yield { path, size: stat.size, modified: stat.mtimeNs, changed: Number(stat.ctimeMs) }
}

function isForeign(path: string, isDirectory: boolean): boolean {
  if (/^(local|\.git|tmp_build|python[23]_virtualenv_sources\/src)$|\.plugin$|\.plugin\.[^/]*tmp$/.test(path)) return true
  const kind = privateKind(isDirectory ? `${path}/` : path)
  return kind !== undefined && kind !== 'secrets'
}
