import { existsSync, realpathSync, statSync } from 'node:fs'
import { join, posix, relative } from 'node:path'
import type { Variables } from '../../config/variables.ts'
import { staticDirectory } from '../../desired/routes.ts'
import { localNodeFiles } from '../../host/environments/node/local-packages.ts'
import { developmentPackages } from '../../host/environments/node/locks.ts'
import { readPackageJson } from '../../host/environments/node/node-modules.ts'
import { POSTINSTALL, postinstallOf, readPart } from '../../host/plugins/read-plugin.ts'
import { privateKind } from '../../package/contents/private-files.ts'
import type { App, Plugin } from '../../plugin/plugin.ts'
import { isError, Problem } from '../../problem.ts'
import { inApp } from '../../runtime/app-directory.ts'
import { RUNTIMES } from '../../runtime/runtime.ts'
import { madeByBuild } from './build-command.ts'

/** What of a plugin has to be in its release. Relative to it; directories end in `/`. */
export interface NeededFiles {
  readonly named: readonly string[]
  /** What the build of the plugin made. */
  readonly made: readonly string[]
  /** Directories out of which nginx serves everything. */
  readonly served: readonly string[]
  /** Packages of Node that only whoever works on the plugin needs. */
  readonly development: readonly string[]
}

/** Files that mean something by their name. */
const BY_NAME = ['crontab', POSTINSTALL, '.nvmrc', '.node-version', '.layerapi2_dependencies', '.layerapi2_extra_env']

/** What config.ini and the crontab name, and what of it is here. */
export function neededFiles(plugin: Plugin, variables: Variables): NeededFiles {
  const { home, apps, daemons, crontab } = plugin
  const asked: string[] = []
  readPart(home, variables, (path) => {
    asked.push(path)
    return existsSync(join(home, path))
  })
  const served = apps.flatMap(servedDirectories)
  const ofApps = apps.flatMap(({ entry, nodeExtraOpts }) => [entry, nodeExtraOpts])
  const others = [...daemons, ...crontab].map(({ command }) => command)
  const commands = [...ofApps, ...others]
  // A job that tidies up a database does not serve from it.
  const ofOthers = others.flatMap((command) => wordsOf(command, home))
  const words = [
    ...ofApps.flatMap((command) => wordsOf(command, home)),
    ...here(home, ofOthers).filter((path) => privateKind(path) === undefined),
  ]
  const modules = existsSync(join(home, 'package.json')) ? ['node_modules/', ...localNodeFiles(home)] : []
  const directories = [...served, ...apps.map((app) => inApp(app, ''))]
  const named = here(home, [...asked, ...directories, ...words, ...modules, ...BY_NAME])
  // A postinstall makes files where the plugin is installed: a directory that its .releaseignore leaves out may be its own.
  const found =
    postinstallOf(home) === 'executable' ? named.filter((path) => !path.endsWith('/') || modules.includes(path)) : named
  return {
    named: found,
    made: madeByBuild(home),
    served: here(home, served).filter((path) => path.endsWith('/')),
    development: notServing(home, commands, found),
  }
}

/** Every development package, or none: one that serves needs others. */
function notServing(home: string, commands: readonly string[], named: readonly string[]): readonly string[] {
  const packages = developmentPackages(home)
  const scripts = startScripts(home, commands)
  const words = new Set(
    [...commands, ...scripts].flatMap((command) => command.split(/[\s'"=:;|&<>()]+/)).map((word) => word.replace(/^.*\//, '')),
  )
  const serves = [...packages].some(
    ([path, programs]) => programs.some((program) => words.has(program)) || named.some((one) => one.startsWith(`${path}/`)),
  )
  return serves ? [] : [...packages.keys()].map((path) => `${path}/`)
}

/** The scripts of package.json that a command names: npm start, npm run serve. */
function startScripts(home: string, commands: readonly string[]): readonly string[] {
  const words = new Set(
    commands.filter((command) => /\b(npm|npx|yarn|pnpm)\b/.test(command)).flatMap((command) => command.split(/\s+/)),
  )
  const scripts = readPackageJson(home)?.scripts ?? {}
  return Object.entries(scripts).flatMap(([name, script]) => (words.has(name) ? [script] : []))
}

function servedDirectories(app: App): readonly string[] {
  const { serves, gateway } = RUNTIMES[app.type]
  const files = app.routing.static === undefined ? [] : [staticDirectory(app, app.routing.static.directory)]
  return serves === 'files' || gateway === 'fastcgi' ? [inApp(app, ''), ...files] : files
}

/** The words of a command line that may be files of the plugin: a path, an option with one, a module of Python. */
function wordsOf(command: string, home: string): readonly string[] {
  const parts = command.replaceAll(`${home}/`, '').split(/[\s'"=:;|&<>()]+/)
  return parts.flatMap((part) => {
    const path = part.replace(/^(\$\{?\w+\}?|\{+\w+\}+|\.)\/+/, '')
    if (path === '' || path.startsWith('-')) return []
    const module = /^[\w.]+$/.test(path) ? [`${path.replaceAll('.', '/')}.py`, path.replaceAll('.', '/')] : []
    return [path, `bin/${path}`, ...module]
  })
}

/** Those that are here and in the plugin, and where links lead; not the plugin itself. */
function here(home: string, paths: readonly string[]): readonly string[] {
  const real = realpathSync(home)
  const found = paths.flatMap((path) => {
    const inside = posix.normalize(path === '' ? '.' : path).replace(/\/$/, '')
    if (!isInside(inside) || !existsSync(join(home, inside))) return []
    const led = relative(real, realpathSync(join(home, inside)))
    const isDirectory = statSync(join(home, inside)).isDirectory()
    return [inside, ...(isInside(led) ? [led] : [])].map((one) => (isDirectory && one === led ? `${one}/` : one))
  })
  return [...new Set(found)]
}

function isInside(path: string): boolean {
  return path !== '' && path !== '.' && path !== '..' && !path.startsWith('../') && !path.startsWith('/')
}

/** What an installation would say of a release that has only these files. `isIn`: whether a path is among them. */
export function packedProblems(home: string, variables: Variables, isIn: (path: string) => boolean): readonly Problem[] {
  const makesFiles = isIn(POSTINSTALL) && postinstallOf(home) === 'executable'
  const problems = makesFiles ? [] : readPart(home, variables, (path) => isIn(posix.normalize(path))).problems.filter(isError)
  const fix = 'Every release is without local, .git and *.plugin. Move the file to another directory, and name it there.'
  return problems.map(
    ({ message, where }) => new Problem('RELEASE_INCOMPLETE', `the release would not run: ${message}`, fix, where),
  )
}
