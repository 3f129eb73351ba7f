import { Problem, type Where } from '../problem.ts'
import type { Fragment } from './plugin.ts'

/** The directory of a plugin as far as reading it needs to look. Paths are relative to it. */
export interface PluginTree {
  /** Absolute. */
  readonly home: string
  /** Whether there is a file or a directory of that name. */
  readonly present: (path: string) => boolean
  /** The text of a file, undefined when it cannot be read. */
  readonly text: (path: string) => string | undefined
}

/** A key that names a file, and where it stands. */
export interface NamedFile {
  readonly key: string
  readonly path: string
  readonly where: Where
}

export function missingFile({ key, path, where }: NamedFile, mend: string): Problem {
  return new Problem('PLUGIN_FILE_MISSING', `${key} needs ${path}, which is not in the plugin`, mend, where)
}

/** The nginx fragment that a key names; an empty path is none. */
export function readFragment(
  named: NamedFile,
  tree: PluginTree,
): { readonly fragment: Fragment | undefined; readonly problems: readonly Problem[] } {
  if (named.path === '') return { fragment: undefined, problems: [] }
  const text = tree.text(named.path)
  if (text === undefined) {
    return { fragment: undefined, problems: [missingFile(named, `Create the file, or write ${named.key} = null.`)] }
  }
  return { fragment: { file: `${tree.home}/${named.path}`, text }, problems: [] }
}
