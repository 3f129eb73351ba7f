import { validateName } from '../plugin/name.ts'
import { Problem } from '../problem.ts'

/** Throws USAGE for the empty word that a variable without a value leaves: as a path it would be this directory. */
export function requireFile(written: string): void {
  if (written === '') throw new Problem('USAGE', 'the path of the file is empty', 'Give the path of a .plugin file.')
}

/** Throws PLUGIN_NAME for a name in `--new-name` that no plugin can have. */
export function requireName(newName: string | undefined): void {
  const wrong = newName === undefined ? undefined : validateName(newName)
  if (wrong !== undefined) throw wrong
}
