import { join } from 'node:path'
import { withoutCredentials } from '../../../plugin/python/credentials.ts'
import { Problem } from '../../../problem.ts'
import { textOf } from '../../disk/text-of.ts'
import { type Report, runTool } from '../../process/run-tool.ts'
import { type BuildTools, nodeEnvironment } from '../../programs/tools.ts'
import { blamedFile, decisiveLine, hintFor, wantsToken } from './npm-message.ts'
import type { LocalPackage, PackageJson } from './package-json.ts'
import { askedRegistry, askRegistries, registriesIn } from './registries.ts'

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
  await askRegistries(home, tools.environment)
  const count = new Set(
    [packageJson, ...local.map((one) => one.packageJson)].flatMap(({ dependencies }) => Object.keys(dependencies)),
  ).size
  const what = count === 1 ? '1 Node package and what it needs' : `${count} Node packages and what they need`
  const doing = `Installing ${what} (npm ${command})`
  const install = 'Install npm (Debian: apt install npm), or put its directory on PATH.'
  const result = await runTool({ argv: ['npm', command, ...OPTIONS], cwd, env: nodeEnvironment(tools), doing, install }, report)
  if (result.is === 'done') return
  const message = withoutSecrets(result.message, home, tools.environment)
  const { file, line } = blamedFile(message, [{ path: '', packageJson }, ...local])
  if (line === undefined && wantsToken(message))
    throw closedRegistry(home, `${doing} failed:\n${message}`, hintFor(message, command))
  const where = { file: join(home, file), ...(line === undefined ? {} : { line }) }
  const correct = `Correct ${line === undefined ? file : `line ${line} of ${file}`} and run make again.`
  const why = decisiveLine(message)
  throw new Problem(
    'BUILD_FAILED',
    `${doing} failed:${why === undefined ? '' : ` ${why}`}\n${message}`,
    `${correct} ${hintFor(message, command)}`,
    where,
  )
}

/** No package is at fault: the line of the registry is the place. */
function closedRegistry(home: string, said: string, hint: string): Problem {
  const file = join(home, '.npmrc')
  const registry = askedRegistry(said, registriesIn(textOf(file) ?? '', file))
  const which = registry === undefined ? 'the registry of npm' : `the registry ${withoutCredentials(registry.url)}`
  const message = `${which} lets nobody in without a token that it knows\n${said}`
  return new Problem('BUILD_FAILED', message, `${hint} Then make again. Nothing was changed.`, registry?.where ?? { file })
}

/** Without the tokens and passwords of the .npmrc of the plugin, written there or in a variable that it names. */
function withoutSecrets(message: string, home: string, env: NodeJS.ProcessEnv): string {
  const written = [...(textOf(join(home, '.npmrc')) ?? '').matchAll(/(?:_authToken|_password|_auth)\s*=\s*"?([^"\s]+)/g)]
  const values = written.map(([, value = '']) => value.replace(/\$\{(\w+)\??\}/g, (_all, name: string) => env[name] ?? ''))
  return values.filter((value) => value.length > 3).reduce((text, value) => text.replaceAll(value, '***'), message)
}
