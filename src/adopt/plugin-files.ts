import { APP_KEYS, DAEMON_KEYS, GENERAL_KEYS } from '../plugin/keys.ts'
import { configIni, templateValues } from '../plugin/rewrite/config-ini-text.ts'
import type { AppType } from '../runtime/app-type.ts'
import type { Candidate } from './candidate.ts'
import type { Daemon } from './decide.ts'
import { type AppTree, firstLineLike, jsonObject, textIn } from './tree.ts'

/** A file that makes a plugin of the application. */
export interface PluginFile {
  readonly path: string
  readonly text: string
  readonly mode: number
}

export interface PluginFiles {
  readonly files: readonly PluginFile[]
  /** Files of the application that have such a name already, and stay as they are. */
  readonly kept: readonly string[]
  /** Of the commands: `make` where the Makefile is not the application's own. */
  readonly make: string
  readonly notes: readonly string[]
}

/** The name of the Makefile where the application has one. */
const OTHER_MAKEFILE = 'mfserv.mk'
const BUILD_SCRIPT = 'mfserv_build'
const WATCHED = [
  '/bin/*',
  '*.py',
  '*.js',
  '*.cjs',
  '*.mjs',
  '*.json',
  '*.toml',
  '*.ini',
  '*.conf',
  '.autorestart_includes',
  '.autorestart_excludes',
]
const NOT_WATCHED = [
  '/local',
  '/python*_virtualenv_sources',
  'node_modules',
  '.git',
  '__pycache__',
  '.venv',
  'venv',
  '/vendor',
  '/tmp',
  '/log',
  '*.log',
]
const NOT_TRACKED = ['/local', '/node_modules', '/tmp_build', '__pycache__', '*.pyc', '*.plugin', '.configuration_cache']

/** What is written beside an application. `sources` holds the text of every file below `templates/`, by its path there. */
export function pluginFiles(
  tree: AppTree,
  name: string,
  chosen: Candidate,
  daemons: readonly Daemon[],
  sources: ReadonlyMap<string, string>,
): PluginFiles {
  const hasMakefile = ['Makefile', 'makefile', 'GNUmakefile'].some((file) => tree.files.has(file))
  const build = buildFile(chosen.build)
  const makefile = sourceText(sources, '_every/Makefile')
  const wanted: readonly PluginFile[] = [
    plain('config.ini', filled(configText(tree, name, chosen, daemons, build.keys), name)),
    plain('.layerapi2_label', `plugin_${name}@mfserv\n`),
    hasMakefile ? plain(OTHER_MAKEFILE, otherMakefile(makefile)) : plain('Makefile', makefile),
    plain('.releaseignore', sourceText(sources, '_every/releaseignore')),
    plain(
      '.autorestart_includes',
      lines('In development, a change to one of these files replaces the workers. Patterns as in .gitignore.', [
        ...new Set([...WATCHED, ...chosen.watched]),
      ]),
    ),
    plain('.autorestart_excludes', lines('Nothing below these is watched. Patterns as in .gitignore.', NOT_WATCHED)),
    plain('.gitignore', `${NOT_TRACKED.join('\n')}\n`),
    ...build.files.map((file) => ({ ...file, text: filled(file.text, name) })),
    ...chosen.files.map(({ path, text }) => plain(path, text)),
  ]
  const kept = wanted.map(({ path }) => path).filter((path) => tree.files.has(path))
  const make = hasMakefile ? `make -f ${OTHER_MAKEFILE}` : 'make'
  const notes = [
    ...(hasMakefile
      ? [`The application has a Makefile of its own, which stays: the targets of mfserv are in ${OTHER_MAKEFILE}.`]
      : []),
    ...(kept.includes('.gitignore') ? [`For git, add to .gitignore: ${NOT_TRACKED.slice(0, 2).join(' ')} *.plugin`] : []),
  ]
  return { files: wanted.filter(({ path }) => !kept.includes(path)), kept, make, notes }
}

function plain(path: string, text: string): PluginFile {
  return { path, text, mode: 0o644 }
}

function filled(text: string, name: string): string {
  return text.replaceAll('{name}', name)
}

function lines(about: string, patterns: readonly string[]): string {
  return `# ${about}\n${patterns.join('\n')}\n`
}

/** Make reads a Makefile of the application in place of this one, also where it calls itself. */
function otherMakefile(text: string): string {
  const told = text
    .replaceAll(/^# make( {2,}| )/gm, `# make -f ${OTHER_MAKEFILE}$1`)
    .replaceAll('; make ', `; make -f ${OTHER_MAKEFILE} `)
  return told.replace(/^MFSERV_HOME/m, `MFSERV_MAKEFILE := ${OTHER_MAKEFILE}\nMFSERV_HOME`)
}

/** One command line as it is; more of them are a script, since only the first that fails is to be told. */
function buildFile(steps: readonly string[]): Build {
  if (steps.length < 2) return { keys: Object.fromEntries(steps.map((step) => ['build', step])), files: [] }
  const text = `#!/bin/sh -e\n# The build of this application, which the key build in config.ini names. Written by "mfserv adopt"; change it as you like.\n${steps.join('\n')}\n`
  return { keys: { build: `./${BUILD_SCRIPT}` }, files: [{ path: BUILD_SCRIPT, text, mode: 0o755 }] }
}

interface Build {
  readonly keys: Readonly<Record<string, string>>
  readonly files: readonly PluginFile[]
}

function configText(tree: AppTree, name: string, chosen: Candidate, daemons: readonly Daemon[], build: Build['keys']): string {
  const { type, values } = chosen
  const { timeout = '' } = templateValues(APP_KEYS)
  const serves = type === 'static' ? {} : { mount: '1', workers: workersOf(type), timeout, debug: '0' }
  const app = { type, ...values, ...serves }
  const { graceful_timeout: gracefulTimeout = '' } = templateValues(DAEMON_KEYS)
  return configIni({
    general: { ...generalValues(tree, name, chosen), ...build },
    sections: [
      { name: 'app_main', values: oneLined(app) },
      ...daemons.map((daemon) => ({
        name: `extra_daemon_${daemon.name}`,
        values: oneLined({
          cmd_and_args: daemon.line,
          numprocesses: '1',
          graceful_timeout: gracefulTimeout,
        }),
      })),
    ],
  })
}

/** Where one worker answers one request at a time there have to be several; what keeps something in memory goes on with one. */
function workersOf(type: AppType): string {
  return type === 'python3_sync' || type === 'php' ? '{{MFCOM_HARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2}}' : '1'
}

function generalValues(tree: AppTree, name: string, { framework }: Candidate): Readonly<Record<string, string>> {
  const { version = '', license = '', url = '', maintainer = '', vendor = '' } = templateValues(GENERAL_KEYS)
  const said = jsonObject(tree, 'package.json') ?? jsonObject(tree, 'composer.json')
  const project = (key: string): string | undefined =>
    firstLineLike(tree, 'pyproject.toml', new RegExp(`^\\s*${key}\\s*=\\s*["']([^"']+)["']`))?.first
  const pick = (key: string): string | undefined => shown(textIn(said, key) ?? project(key))
  const written = pick('version')
  return {
    version: written !== undefined && 'value' in GENERAL_KEYS.version.read(written) ? written : version,
    summary: pick('description') ?? `${name}, made with ${framework}`,
    license: pick('license') ?? license,
    url: pick('homepage') ?? url,
    maintainer,
    vendor,
  }
}

const LONGEST = 200

/** What somebody wrote, as a value of config.ini: one line of plain text, or nothing. */
function shown(text = ''): string | undefined {
  const line = text
    .replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
    .replaceAll('{{', '{')
    .trim()
    .slice(0, LONGEST)
  return line === '' ? undefined : line
}

/** Names of files are anybody's: none may begin a line of its own in config.ini. */
function oneLined(values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value.replaceAll(/[\p{Cc}]+/gu, ' ')]))
}

function sourceText(sources: ReadonlyMap<string, string>, source: string): string {
  const text = sources.get(source)
  if (text === undefined) throw new Error(`templates/${source} is missing from this mfserv`)
  return text
}
