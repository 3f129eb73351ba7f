import { shellWord } from '../shell-quote.ts'
import { allNodes, type CompletionNode, lastWord, SHELLS } from './completion-tree.ts'

/** The script follows the words to a command by tables made here; the names of plugins it reads from the disk by itself. */
export function bashCompletion(root: CompletionNode, templates: readonly string[]): string {
  const nodes = allNodes(root)
  const launchers = nodes.filter(({ launcher }) => launcher !== undefined)
  return `# Completion of mfserv for bash: source <(mfserv completion bash)
_mfserv_installed() {
  local entry
  for entry in "\${MFMODULE_RUNTIME_HOME:-$HOME/metwork/mfserv}"/var/plugins/*; do
    # Anything else is no name of a plugin, and compgen would expand it.
    if [[ \${entry##*/} != *[!A-Za-z0-9_-]* ]]; then printf '%s\\n' "\${entry##*/}"; fi
  done
}

_mfserv() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} at='' arguments=0 words='' index
  COMPREPLY=()
  case \${COMP_WORDS[0]##*/} in
${launchers.map(({ launcher, path }) => `    ${launcher}) at=${shellWord(path)} ;;`).join('\n')}
  esac
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$at|\${COMP_WORDS[index]}" in
${nodes.flatMap(steps).join('\n')}
      *'|-'*) ;;
      *) arguments=$((arguments + 1)) ;;
    esac
  done
  case "$at|$previous" in
${nodes.flatMap((node) => values(node, templates)).join('\n')}
  esac
  case $at in
${nodes.map((node) => `    ${shellWord(node.path)}) words=${shellWord(wordsOf(node))} ;;`).join('\n')}
  esac
  if [[ $current != -* ]]; then
    words=
    if [[ $arguments -eq 0 ]]; then
      case $at in
${nodes.flatMap(firstArgument).join('\n')}
      esac
    fi
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -o bashdefault -o default -F _mfserv ${launchers.map(({ launcher }) => launcher).join(' ')}`
}

function steps({ path, children }: CompletionNode): readonly string[] {
  return children.map((child) => `      ${shellWord(`${path}|${lastWord(child)}`)}) at=${shellWord(child.path)} ;;`)
}

function values({ path, options }: CompletionNode, templates: readonly string[]): readonly string[] {
  return options.flatMap(({ flag, value }) => {
    const at = shellWord(`${path}|${flag}`)
    if (value === 'directory') return [`    ${at}) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;`]
    if (value === 'template')
      return [`    ${at}) mapfile -t COMPREPLY < <(compgen -W ${shellWord(templates.join(' '))} -- "$current"); return ;;`]
    return []
  })
}

function wordsOf({ options }: CompletionNode): string {
  return options.map(({ flag }) => flag).join(' ')
}

function firstArgument({ path, children, argument }: CompletionNode): readonly string[] {
  const at = `        ${shellWord(path)}) words=`
  if (children.length > 0) return [`${at}${shellWord(children.map(lastWord).join(' '))} ;;`]
  if (argument === 'plugin') return [`${at}$(_mfserv_installed) ;;`]
  return argument === 'shell' ? [`${at}${shellWord(SHELLS.join(' '))} ;;`] : []
}
