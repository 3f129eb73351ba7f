import { shellWord } from '../../shell-quote.ts'
import type { ArgumentData, OptionData, ValueKind } from '../command.ts'
import { allNodes, type CompletionNode, lastWord } from './tree.ts'

const ACTIONS: Readonly<Record<Exclude<ValueKind, 'template'>, string>> = {
  plugin: '_mfserv_installed',
  release: '_mfserv_releases',
  key: '_mfserv_keys',
  directory: '_files -/',
  file: '_files',
  'release file': '_files -g "*.plugin"',
}

/** One function for each command, which zsh's own `_arguments` reads; names of plugins, releases and keys come from the disk. */
export function zshCompletion(root: CompletionNode, templates: readonly string[]): string {
  const nodes = allNodes(root)
  const launched = nodes.flatMap((node) => node.launchers.map((launcher) => ({ launcher, node })))
  return `#compdef ${launched.map(({ launcher }) => launcher).join(' ')}
# Completion of mfserv for zsh: source <(mfserv completion zsh)
_mfserv_installed() {
  local -a names=(\${MFMODULE_RUNTIME_HOME:-$HOME/metwork/mfserv}/var/plugins/*(N:t))
  compadd -a names
}

_mfserv_releases() {
  local -a names=(\${MFMODULE_RUNTIME_HOME:-$HOME/metwork/mfserv}/var/plugins/.releases/\${line[1]:-*}/*(N/:t))
  compadd -a names
}

_mfserv_keys() {
  local -a names=(\${MFMODULE_RUNTIME_HOME:-$HOME/metwork/mfserv}/config/keys/*.key(N:t:r))
  compadd -a names
}

${nodes.map((node) => functionOf(node, templates)).join('\n\n')}

${launched.map(({ launcher, node }) => `compdef ${functionName(node)} ${launcher}`).join('\n')}`
}

function functionOf(node: CompletionNode, templates: readonly string[]): string {
  const options = node.options.map((option) => `    ${shellWord(optionSpec(option, templates))} \\`)
  const name = functionName(node)
  if (node.children.length === 0) {
    const args = node.arguments.length === 0 ? [`':'`] : node.arguments.map(argumentSpec).map(shellWord)
    return [`${name}() {`, '  local line', '  _arguments \\', ...options, `    ${args.join(' ')}`, '}'].join('\n')
  }
  const described = node.children.map((child) => shellWord(`${colonless(lastWord(child))}:${child.summary}`))
  return [
    `${name}() {`,
    '  local context state state_descr line',
    '  typeset -A opt_args',
    '  _arguments -C \\',
    ...options,
    `    '1: :->command' '*:: :->rest'`,
    '  case $state in',
    `    command) local -a commands=(${described.join(' ')}); _describe command commands ;;`,
    '    rest) case $line[1] in',
    ...node.children.map((child) => `      ${lastWord(child)}) ${functionName(child)} ;;`),
    '    esac ;;',
    '  esac',
    '}',
  ].join('\n')
}

/** With the equals sign, `--flag value` and `--flag=value` are the same. */
function optionSpec({ flag, says, value, is }: OptionData, templates: readonly string[]): string {
  const described = `[${says.replaceAll(/[[\]]/g, '')}]`
  if (value === undefined) return `${flag}${described}`
  const action = is === 'template' ? `(${templates.join(' ')})` : is === undefined ? '' : ACTIONS[is]
  return `${flag}=${described}:${value}:${action}`
}

function argumentSpec({ name, often, is, choices }: ArgumentData, index: number): string {
  if (often === 'own') return `*::${name}: _normal`
  const action = choices !== undefined ? `(${choices.join(' ')})` : is === undefined || is === 'template' ? '' : ACTIONS[is]
  if (often === 'any') return `*:${name}:${action}`
  return `${index + 1}${often === 'perhaps' ? '::' : ':'}${name}:${action}`
}

function functionName({ path }: CompletionNode): string {
  return path === '' ? '_mfserv' : `_mfserv_${path.replaceAll(/\W/g, '_')}`
}

function colonless(text: string): string {
  return text.replaceAll(':', '\\:')
}
