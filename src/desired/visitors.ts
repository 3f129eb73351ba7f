import type { App, Plugin } from '../plugin/plugin.ts'
import type { Runtime } from '../runtime/contract.ts'
import { RUNTIMES } from '../runtime/runtime.ts'

/** Everything else answers as if it were not there. */
export interface Visitors {
  /** Without the dot, in small letters. */
  readonly extensions: readonly string[]
  /** The directory is that of the plugin. */
  readonly isPlugin: boolean
  /** Directories with the code of other apps, relative to the directory. */
  readonly hides: readonly string[]
}

/** What pages are made of. Not json, txt and xml: those of a project are as often about how it is built, or with what password. */
const OF_PAGES = [
  ...['css', 'js', 'mjs', 'map', 'wasm', 'webmanifest'],
  ...['avif', 'bmp', 'gif', 'ico', 'jpeg', 'jpg', 'png', 'svg', 'webp'],
  ...['eot', 'otf', 'ttf', 'woff', 'woff2'],
  ...['flac', 'm4a', 'mp3', 'mp4', 'oga', 'ogg', 'ogv', 'vtt', 'wav', 'webm', 'pdf'],
]

/** Which files nginx may hand out of the directory of an app; undefined where all of them are made for visitors. */
export function visitorsOf(plugin: Plugin, app: App): Visitors | undefined {
  const isMixed = app.directory === '.' || app.staticExtensions !== undefined || app.frontController !== undefined
  const { serves, language }: Runtime = RUNTIMES[app.type]
  if (!isMixed || (serves !== 'files' && language !== 'php')) return undefined
  // What ends in html beside scripts may be a template of theirs.
  const usual = serves === 'files' ? ['html', 'htm', ...OF_PAGES] : OF_PAGES
  return { extensions: app.staticExtensions ?? usual, isPlugin: app.directory === '.', hides: codeOfOthers(plugin, app) }
}

function codeOfOthers(plugin: Plugin, app: App): readonly string[] {
  if (app.directory !== '.') return []
  const others = plugin.apps.filter((one) => one !== app && one.directory !== '.')
  return others.map(({ name, directory = name }) => directory)
}
