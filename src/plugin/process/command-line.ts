import type { AppType } from '../../runtime/app-type.ts'
import { fill } from '../../runtime/placed.ts'
import { words } from '../../runtime/words.ts'

export interface Recognised {
  readonly type: AppType
  readonly entry: string
}

/** What a Python web application is called: `<module>:<callable>`. */
export const PYTHON_ENTRY = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$/

/**
 * The type and the entry behind a `_cmd_and_args`. The original's WSGI server is known by its name, alone or after a Python, and so is its PHP;
 * what else there is, is a command to be run as it stands. No command at all is an app of files.
 */
export function recognise(commandLine: string, placeholders: Readonly<Record<string, string>>): Recognised {
  if (commandLine.trim() === '') return { type: 'static', entry: '' }
  const filled = words(commandLine).map((word) => fill(word, placeholders))
  const program = filled.find((word) => !isPython(word) && !word.startsWith('-')) ?? ''
  if (baseName(program) === 'php_wrapper') return { type: 'php', entry: '' }
  if (!/^bjoern_wrapper(\.py)?$/.test(baseName(program))) return { type: 'command', entry: commandLine }
  return { type: 'python3_sync', entry: filled.find((word) => PYTHON_ENTRY.test(word)) ?? '' }
}

function isPython(word: string): boolean {
  return /^(\{python[\d.]*\}|python[\d.]*|env)$/.test(baseName(word))
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
