import { didYouMean } from '../../config/nearest.ts'
import { Problem, type Where } from '../../problem.ts'
import { inApp, type Placed } from '../../runtime/app-directory.ts'
import { type AppType, isAppType } from '../../runtime/app-type.ts'
import { isOnPort } from '../../runtime/command.ts'
import type { EntryForm, Runtime } from '../../runtime/contract.ts'
import { fill } from '../../runtime/placed.ts'
import { RUNTIMES } from '../../runtime/runtime.ts'
import { APP_KEYS, APP_TYPES } from '../keys.ts'
import { accident, missingKey, type SectionValues } from '../section.ts'
import { missingFile, type PluginTree } from '../tree.ts'
import { PYTHON_ENTRY, recognise } from './command-line.ts'

/** How an app is started: its type, and what the type is told. */
export interface AppEntry {
  /** Undefined when it cannot be told; then a problem says why. */
  readonly type: AppType | undefined
  readonly entry: string
  readonly problems: readonly Problem[]
}

type AppValues = SectionValues<typeof APP_KEYS>

/** What main_arg may look like. */
const EXAMPLES: Readonly<Record<EntryForm, string>> = {
  callable: 'main.wsgi:application',
  'script or callable': 'main/application.py',
  file: 'server.js',
  command: './server {unix_socket_path}',
  none: '',
}

export function readEntry(name: string, plugin: string, read: AppValues, tree: PluginTree): AppEntry {
  const twice = toldTwice(read)
  if (twice !== undefined) return { type: undefined, entry: '', problems: [twice] }
  const found = read.section.dialect === 'documented' ? documentedEntry(read) : laterEntry(name, plugin, read, tree)
  if (found.type === undefined || isIncomplete(found.type, found.entry)) return found
  const key = entryName(read)
  const shape = shapeProblems(found.type, found.entry, key)
  const isPlaced = read.values.directory !== '' || !read.given.has('directory')
  const files =
    shape.length > 0 || !isPlaced ? [] : fileProblems(placeOf(name, read), found.type, found.entry, read, tree, key.where)
  return { ...found, problems: [...found.problems, ...shape, ...files] }
}

function placeOf(name: string, { values }: AppValues): Placed {
  return { name, directory: values.directory || undefined }
}

/** A type and a command line are two answers to one question, in the two dialects. */
function toldTwice({ given, section }: AppValues): Problem | undefined {
  const command = given.get('cmd_and_args')
  const name = (['type', 'main_arg', 'gunicorn_arg', 'node_arg'] as const).find((key) => given.has(key))
  if (command === undefined || name === undefined) return undefined
  const line = given.get(name)?.line
  const message = `[${section.name}] says twice what it runs: by _cmd_and_args, and by ${name}${line === undefined ? '' : ` in line ${line}`}`
  return new Problem('INI_DUPLICATE', message, 'Keep _cmd_and_args, or keep type and main_arg.', command)
}

function documentedEntry(read: AppValues): AppEntry {
  const { values, given, section } = read
  const where = given.get('type')
  if (where === undefined) return { type: undefined, entry: '', problems: [] }
  if (!isAppType(values.type)) {
    const fix = `${accident(values.type, isAppType) || didYouMean(values.type, APP_TYPES)}Write one of ${APP_TYPES.join(', ')}.`
    return { type: undefined, entry: '', problems: [new Problem('INI_BAD_VALUE', `type is "${values.type}"`, fix, where)] }
  }
  const entry = values.gunicorn_arg || values.node_arg || values.main_arg
  const dynamic = RUNTIMES[values.type].serves === 'requests'
  const problems = [
    ...deprecation(values.type, where),
    ...(needsEntry(values.type) && entry === ''
      ? missingKey(section, { ...APP_KEYS.main_arg, example: EXAMPLES[RUNTIMES[values.type].entry] })
      : []),
    ...(dynamic && !given.has('workers') ? missingKey(section, APP_KEYS.workers) : []),
  ]
  return { type: values.type, entry, problems }
}

function deprecation(type: AppType, where: Where): readonly Problem[] {
  const { deprecated: instead }: Runtime = RUNTIMES[type]
  if (instead === undefined) return []
  const fix = `It works. Write type = ${instead} when you can: the same code is served, by one process instead of two.`
  return [new Problem('INI_DEPRECATED_TYPE', `the type ${type} is deprecated`, fix, where)]
}

function laterEntry(app: string, plugin: string, read: AppValues, tree: PluginTree): AppEntry {
  const { values } = read
  const debugOptions = values.debug ? values.debug_extra_options : ''
  const names = { app_name: app, plugin_name: plugin, plugin_dir: tree.home }
  const found = recognise(fill(values.cmd_and_args, { debug_extra_options: debugOptions }), names)
  if (found.type !== 'python3_sync' || found.entry !== '') return { ...found, problems: [] }
  const message = '_cmd_and_args runs bjoern_wrapper.py without saying what'
  const fix = 'Write <module>:<callable> into it, such as {app_name}.wsgi:application.'
  return { ...found, problems: [new Problem('INI_BAD_VALUE', message, fix, entryName(read).where)] }
}

/** Nothing to look at: a problem says so already. */
function isIncomplete(type: AppType, entry: string): boolean {
  return needsEntry(type) && entry === ''
}

function needsEntry(type: AppType): boolean {
  const form: EntryForm = RUNTIMES[type].entry
  return form !== 'none'
}

interface EntryName {
  readonly key: string
  readonly where: Where
}

/** The key that the entry stands in: as the user wrote it. */
export function entryName({ given, section }: AppValues): EntryName {
  for (const name of ['gunicorn_arg', 'node_arg', 'main_arg', 'cmd_and_args'] as const) {
    const where = given.get(name)
    if (where !== undefined) return { key: name === 'cmd_and_args' ? '_cmd_and_args' : name, where }
  }
  return { key: 'main_arg', where: section.where }
}

function shapeProblems(type: AppType, entry: string, { key, where }: EntryName): readonly Problem[] {
  const form: EntryForm = RUNTIMES[type].entry
  const { fits, fix } = SHAPES[form]
  return fits(entry) ? [] : [new Problem('INI_BAD_VALUE', `${key} is "${entry}"`, `${accident(entry, fits)}${fix}`, where)]
}

const SCRIPT = /^(?!\/)[^\s:.]+\.py$/
const SHAPES: Readonly<Record<EntryForm, { readonly fits: (entry: string) => boolean; readonly fix: string }>> = {
  callable: {
    fits: (entry) => PYTHON_ENTRY.test(entry),
    fix: 'Write <module>:<callable>, such as main.wsgi:application.',
  },
  'script or callable': {
    fits: (entry) => SCRIPT.test(entry) || PYTHON_ENTRY.test(entry),
    fix: 'Write a Python file of the plugin, such as main/application.py, or <module>:<callable>, such as main.application:app.',
  },
  command: {
    fits: (entry) => entry.includes('{unix_socket_path}') || isOnPort('command', entry),
    fix: 'Write one of the two where the program is told to listen: {unix_socket_path}, or {port} if it only knows a TCP port. One that reads the variable PORT: env PORT={port} in front of it.',
  },
  file: { fits: () => true, fix: '' },
  none: { fits: () => true, fix: '' },
}

/** What the app begins with has to be there; only what no check of paths can know, such as a program on PATH, is left to the start. */
function fileProblems(
  app: Placed,
  type: AppType,
  entry: string,
  read: AppValues,
  tree: PluginTree,
  where: Where,
): readonly Problem[] {
  const form: EntryForm = RUNTIMES[type].entry
  if (form === 'none') {
    const where = read.given.get('directory')
    const path = inApp(app, '')
    const named = { key: where === undefined ? `[app_${app.name}]` : 'directory', path, where: where ?? read.section.where }
    if (path !== '' && !tree.present(path.slice(0, -1)))
      return [missingFile(named, 'Create the directory and put the files to serve into it.')]
    return indexProblems(app, type, tree, read.section.where)
  }
  if (form === 'command') return []
  const paths = form === 'file' ? [inApp(app, entry)] : SCRIPT.test(entry) ? [entry] : pythonFiles(app, entry, read)
  const [first = entry] = paths
  if (paths.some((path) => tree.present(path))) return []
  return [
    missingFile(
      { key: entryName(read).key, path: first, where },
      `Create the file, or name the right one in ${entryName(read).key}.`,
    ),
  ]
}

function indexProblems(app: Placed, type: AppType, tree: PluginTree, where: Where): readonly Problem[] {
  const { index }: Runtime = RUNTIMES[type]
  if (index === undefined || tree.present(inApp(app, index))) return []
  const message = `${inApp(app, '') || 'the plugin'} has no ${index}: the URL of the app answers 404`
  return [new Problem('NOT_SERVED', message, `Create ${inApp(app, index)}.`, where)]
}

/** Where Python may find the module of an entry, the likeliest first. */
function pythonFiles(app: Placed, entry: string, { values }: AppValues): readonly string[] {
  const path = entry.replace(/:.*/, '').replaceAll('.', '/')
  const directories = ['', ...(values.add_app_dir_to_python_path ? [inApp(app, '')] : []), 'lib/']
  return directories.flatMap((directory) => [`${directory}${path}.py`, `${directory}${path}/__init__.py`])
}
