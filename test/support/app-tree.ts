import type { AppTree } from '../../src/adopt/tree.ts'

/** An application of these files; those whose text begins with `#!` may be executed. */
export function appTree(files: Readonly<Record<string, string>>): AppTree {
  const paths = Object.keys(files)
  return {
    files: new Set(paths),
    executables: new Set(paths.filter((path) => files[path]?.startsWith('#!'))),
    lines: (path) => {
      const text = Object.hasOwn(files, path) ? (files[path] ?? '') : ''
      return text === '' ? [] : text.split('\n')
    },
  }
}
