import { Problem, type Where } from '../problem.ts'
import { type FragmentValues, fillFragment } from './fragment/fill.ts'
import { ownFilesIn } from './fragment/own-files.ts'
import { readFragment as readNginxFragment } from './nginx-fragment.ts'
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
  readonly where: Where | undefined
  /** Of a fragment; nginx when absent. */
  readonly language?: 'nginx' | 'lua'
}

export function missingFile({ key, path, where }: NamedFile, fix: string): Problem {
  return new Problem('PLUGIN_FILE_MISSING', `${key} needs ${path}, which is not in the plugin`, fix, where)
}

/** The nginx fragment that a key names, `values` filled in; an empty path is none. */
export function readFragment(
  named: NamedFile,
  tree: PluginTree,
  values: () => FragmentValues,
): { readonly fragment: Fragment | undefined; readonly problems: readonly Problem[] } {
  if (named.path === '') return { fragment: undefined, problems: [] }
  const text = tree.text(named.path)
  if (text === undefined) {
    return { fragment: undefined, problems: [missingFile(named, `Create the file, or write ${named.key} = null.`)] }
  }
  const file = `${tree.home}/${named.path}`
  const filled = fillFragment(file, text, values)
  return {
    fragment: { file, text: filled.text },
    problems: [
      ...filled.problems,
      ...(named.language === 'lua' ? [] : [...openEnds(named.key, file, filled.text), ...missingFiles(file, filled.text, tree)]),
    ],
  }
}

/** Files of the plugin that the fragment names, and that nginx would not find. */
function missingFiles(file: string, text: string, tree: PluginTree): readonly Problem[] {
  return ownFilesIn(text)
    .filter(({ path, isNeeded }) => isNeeded && !tree.present(path))
    .map(({ directive, path, line }) =>
      missingFile({ key: directive, path, where: { file, line } }, 'Create the file, or write a path that begins with /.'),
    )
}

/** A fragment that is not closed would change the meaning of what follows it in nginx.conf. */
function openEnds(key: string, file: string, text: string): readonly Problem[] {
  const { fault } = readNginxFragment(text)
  if (fault === undefined) return []
  const where = { file, line: fault.line }
  return [
    new Problem('NGINX_UNSAFE_VALUE', `the nginx fragment of ${key}: ${fault.message}`, 'Fix that line of the fragment.', where),
  ]
}
