import { join } from 'node:path'
import { Problem } from '../../../problem.ts'
import { textOf } from '../../disk/text-of.ts'
import { type Report, runTool } from '../../process/run-tool.ts'
import { type BuildTools, nodeEnvironment } from '../../programs/tools.ts'
import { blamedLine } from '../blame.ts'
import type { LocalPackage, PackageJson } from './package-json.ts'

export interface NpmRun {
  /** The plugin. */
  readonly home: string
  /** Where npm works. */
  readonly cwd: string
  /** `ci` installs exactly what the lock says, and refuses one that does not belong to package.json. */
  readonly command: 'ci' | 'install'
  readonly packageJson: PackageJson
  readonly local: readonly LocalPackage[]
}

/** Development packages are installed as well: a build needs them, and a release leaves them out. */
const OPTIONS = ['--no-audit', '--no-fund', '--no-progress', '--loglevel=error', '--package-lock=true', '--include=dev'].concat([
  '--omit-lockfile-registry-resolved',
])

/** Throws `BUILD_FAILED` with what npm said, and the file and line that a person edits. */
export async function runNpm(run: NpmRun, tools: BuildTools, report: Report): Promise<void> {
  const { home, cwd, command, packageJson, local } = run
  const count = new Set(
    [packageJson, ...local.map((one) => one.packageJson)].flatMap(({ dependencies }) => Object.keys(dependencies)),
  ).size
  const what = count === 1 ? '1 Node package and what it needs' : `${count} Node packages and what they need`
  const doing = `Installing ${what} (npm ${command})`
  const install = 'Install npm (Debian: apt install npm), or put its directory on PATH.'
  const result = await runTool({ argv: ['npm', command, ...OPTIONS], cwd, env: nodeEnvironment(tools), doing, install }, report)
  if (result.is === 'done') return
  const message = withoutSecrets(result.message, home, tools.environment)
  const { file, line } = blamed(message, run)
  const where = { file: join(home, file), ...(line === undefined ? {} : { line }) }
  const correct = `Correct ${line === undefined ? file : `line ${line} of ${file}`} and run make again.`
  throw new Problem('BUILD_FAILED', `${doing} failed:\n${message}`, `${correct} ${hintFor(message, command)}`, where)
}

function hintFor(message: string, command: NpmRun['command']): string {
  if (/\b(E401|E403|ENEEDAUTH)\b/.test(message))
    return 'The registry wants a token: in .npmrc, a line //HOST/:_authToken= with the name of an environment variable that holds it.'
  if (/\bEINTEGRITY\b|sha512-.*integrity checksum failed/.test(message))
    return 'The registry has other contents than the lock: make superclean, then make, takes what the registry has.'
  const retry = command === 'ci' ? 'make superclean forgets the lock. ' : ''
  return `${retry}If the registry could not be reached, see docs/reference/templates.md for mirrors and proxies.`
}

/** The package.json that names a package of the message: that of the plugin, or of a package in it. */
function blamed(message: string, { packageJson, local }: NpmRun): { readonly file: string; readonly line: number | undefined } {
  const all = [
    { file: 'package.json', packageJson },
    ...local.map((one) => ({ file: `${one.path}/package.json`, packageJson: one.packageJson })),
  ]
  for (const { file, packageJson: one } of all) {
    const line = blamedLine(message, one.text, 'package.json', (name) => Object.hasOwn(one.dependencies, name))
    if (line !== undefined) return { file, line }
  }
  return { file: 'package.json', line: undefined }
}

/** Without the tokens and passwords of the .npmrc of the plugin, written there or in a variable that it names. */
function withoutSecrets(message: string, home: string, env: NodeJS.ProcessEnv): string {
  const written = [...(textOf(join(home, '.npmrc')) ?? '').matchAll(/(?:_authToken|_password|_auth)\s*=\s*"?([^"\s]+)/g)]
  const values = written.map(([, value = '']) => value.replace(/\$\{(\w+)\??\}/g, (_all, name: string) => env[name] ?? ''))
  return values.filter((value) => value.length > 3).reduce((text, value) => text.replaceAll(value, '***'), message)
}
