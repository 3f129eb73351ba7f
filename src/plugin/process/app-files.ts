import { Problem } from '../../problem.ts'
import { inApp } from '../../runtime/app-directory.ts'
import type { AppType } from '../../runtime/app-type.ts'
import type { Runtime } from '../../runtime/contract.ts'
import { RUNTIMES } from '../../runtime/runtime.ts'
import { nameIn } from '../key.ts'
import { APP_KEYS } from '../keys.ts'
import type { App } from '../plugin.ts'
import type { SectionValues } from '../section.ts'
import { missingFile, type PluginTree } from '../tree.ts'

type AppValues = SectionValues<typeof APP_KEYS>
type Files = Pick<App, 'directory' | 'staticExtensions' | 'frontController' | 'fallback' | 'listsDirectories' | 'isSticky'>

/** What an app says of its files and its clients: only what is said, so that a plugin that says nothing is what it always was. */
export function filesOf({ values }: AppValues): Files {
  const { directory, static_extensions, front_controller, fallback, directory_listing, sticky } = values
  return {
    ...(directory === '' ? {} : { directory }),
    ...(static_extensions.length === 0 ? {} : { staticExtensions: static_extensions }),
    ...(front_controller === '' ? {} : { frontController: front_controller }),
    ...(fallback === '' ? {} : { fallback }),
    ...(directory_listing ? { listsDirectories: true } : {}),
    ...(sticky ? { isSticky: true } : {}),
  }
}

/** What nothing comes of, and what would show more than is meant. */
export function filesProblems(name: string, type: AppType, read: AppValues, tree: PluginTree): readonly Problem[] {
  const files = filesOf(read)
  const idle = idleKeys(type, files)
  const named = [
    { key: 'front_controller', file: files.frontController } as const,
    { key: 'fallback', file: files.fallback } as const,
  ].filter(({ key }) => !idle.includes(key))
  return [
    ...idle.flatMap((key) => withoutEffect(key, type, read)),
    ...named.flatMap(({ key, file }) =>
      missing(key, file === undefined ? undefined : inApp({ name, ...files }, file), read, tree),
    ),
    ...(files.listsDirectories === true && files.directory === '.' && type === 'static' ? [listed(read)] : []),
  ]
}

type FilesKey = 'static_extensions' | 'front_controller' | 'fallback' | 'directory_listing' | 'sticky'

const WHERE_IT_COUNTS: Readonly<Record<FilesKey, string>> = {
  static_extensions: 'it counts for static, and for php with a front_controller',
  front_controller: 'it counts for php',
  fallback: 'it counts for static; an app with workers answers every URL itself',
  directory_listing: 'it counts for static',
  sticky: 'it counts for an app whose workers nginx asks over HTTP',
}

function idleKeys(type: AppType, { staticExtensions, frontController, fallback, listsDirectories, isSticky }: Files) {
  const { serves, gateway }: Runtime = RUNTIMES[type]
  const isPhp = type === 'php'
  const idle: readonly (readonly [key: FilesKey, isIdle: boolean])[] = [
    ['static_extensions', staticExtensions !== undefined && serves !== 'files' && !(isPhp && frontController !== undefined)],
    ['front_controller', frontController !== undefined && !isPhp],
    ['fallback', fallback !== undefined && serves !== 'files'],
    ['directory_listing', listsDirectories === true && serves !== 'files'],
    ['sticky', isSticky === true && (serves === 'files' || gateway === 'fastcgi')],
  ]
  return idle.flatMap(([key, isIdle]) => (isIdle ? [key] : []))
}

function withoutEffect(key: FilesKey, type: AppType, { given, section }: AppValues): readonly Problem[] {
  const name = nameIn(section.dialect, APP_KEYS[key]) ?? key
  const message = `${name} has no effect for the type ${type}: ${WHERE_IT_COUNTS[key]}`
  return [new Problem('INI_IGNORED_KEY', message, 'Remove the line.', given.get(key) ?? section.where)]
}

function missing(
  key: 'front_controller' | 'fallback',
  path: string | undefined,
  { given, section }: AppValues,
  tree: PluginTree,
): readonly Problem[] {
  if (path === undefined || tree.present(path)) return []
  const named = { key: nameIn(section.dialect, APP_KEYS[key]) ?? key, path, where: given.get(key) ?? section.where }
  return [missingFile(named, `Create the file, or name the right one in ${named.key}.`)]
}

function listed({ given, section }: AppValues): Problem {
  const message = 'directory_listing would show the names of all files of the plugin: the app has its directory'
  const where = given.get('directory_listing') ?? section.where
  return new Problem('INI_BAD_VALUE', message, 'Put the files into a directory of their own and name it in directory.', where)
}
