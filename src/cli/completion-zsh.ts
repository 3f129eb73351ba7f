import { shellWord } from '../shell-quote.ts'
import { allNodes, type CompletionNode, type CompletionOption, lastWord, SHELLS } from './completion-tree.ts'

/** One function for each command, which zsh's own `_arguments` reads; the names of plugins come from the disk. */
export function zshCompletion(root: CompletionNode, templates: readonly string[]): string {
  const nodes = allNodes(root)
  const launchers = nodes.filter(({ launcher }) => launcher !== undefined)
  return `#compdef ${launchers.map(({ launcher }) => launcher).join(' ')}
# Completion of mfserv for zsh: source <(mfserv completion zsh)
_mfserv_installed() {
  local -a names=(\${MFMODULE_RUNTIME_HOME:-$HOME/metwork/mfserv}/var/plugins/*(N:t))
  compadd -a names
}

${nodes.map((node) => functionOf(node, templates)).join('\n\n')}

${launchers.map((node) => `compdef ${functionName(node)} ${node.launcher}`).join('\n')}`
}

function functionOf(node: CompletionNode, templates: readonly string[]): string {
  const options = node.options.map((option) => `    ${shellWord(optionSpec(option, templates))} \\`)
  const name = functionName(node)
  if (node.children.length === 0) {
    return [`${name}() {`, '  _arguments \\', ...options, `    ${argumentSpecs(node).map(shellWord).join(' ')}`, '}'].join('\n')
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

function optionSpec({ flag, summary, value }: CompletionOption, templates: readonly string[]): string {
  const described = `${flag}[${summary.replaceAll(/[[\]]/g, '')}]`
  if (value === 'none') return described
  const action = value === 'directory' ? '_files -/' : value === 'template' ? `(${templates.join(' ')})` : ''
  return `${described}:${value}:${action}`
}

function argumentSpecs({ argument }: CompletionNode): readonly string[] {
  if (argument === 'plugin') return ['1:plugin:_mfserv_installed', '*:file:_files']
  return argument === 'shell' ? [`1:shell:(${SHELLS.join(' ')})`] : ['*:file:_files']
}

function functionName({ path }: CompletionNode): string {
  return path === '' ? '_mfserv' : `_mfserv_${path.replaceAll(/\W/g, '_')}`
}

function colonless(text: string): string {
  return text.replaceAll(':', '\\:')
}
