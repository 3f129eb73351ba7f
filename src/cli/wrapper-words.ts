import { Problem } from '../problem.ts'

/** As the parser of options gives them. */
export interface WrapperOptions {
  /** Work in the directory of the plugin. */
  readonly cwd?: true
  /** Keep nothing of the environment of the caller. */
  readonly empty?: true
  readonly pluginsBaseDir?: string
}

export interface WrapperCall {
  readonly plugin: string
  readonly argv: readonly string[]
  readonly options: WrapperOptions
}

export const WRAPPER_USAGE = 'NAME [--cwd] [--empty] [--plugins-base-dir DIRECTORY] [--] COMMAND [ARGUMENT…]'

/**
 * NAME and every word behind it. Options may stand there too, `before` are those in front of NAME. The command begins at the
 * next word that is none, or after `--`; from there on every word is the command's own.
 */
export function readWrapperWords([plugin, ...words]: readonly string[], before: WrapperOptions): WrapperCall | 'help' | Problem {
  if (plugin === undefined) return usage('the name of a plugin is missing')
  const rest = [...words]
  let options = before
  while (rest[0]?.startsWith('-') === true) {
    const [word = '', value] = (rest.shift() ?? '').split(/=(.*)/s, 2)
    if (word === '--') break
    if (word === '--help' || word === '-h') return 'help'
    if (word === '--cwd') options = { ...options, cwd: true }
    else if (word === '--empty') options = { ...options, empty: true }
    else if (word === '--plugins-base-dir') options = { ...options, pluginsBaseDir: value ?? rest.shift() ?? '' }
    else return usage(`there is no option ${word}`)
  }
  return rest.length === 0 ? usage('the command is missing') : { plugin, argv: rest, options }
}

function usage(what: string): Problem {
  return new Problem('USAGE', what, `Write: plugin_wrapper ${WRAPPER_USAGE}`)
}
