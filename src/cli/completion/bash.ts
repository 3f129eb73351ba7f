import { shellWord } from '../../shell-quote.ts'
import type { ArgumentData, OptionData } from '../command.ts'
import { allNodes, type CompletionNode, lastWord } from './tree.ts'

/** What is offered of each kind; the disk knows it. */
const KINDS = `  case $kind in
    plugin) words=$(_mfserv_names "$home"/var/plugins/*) ;;
    release) words=$(_mfserv_names "$home/var/plugins/.releases/\${first:-.}"/*/) ;;
    key) words=$(shopt -s nullglob; set -- "$home"/config/keys/*.key; _mfserv_names "\${@%.key}") ;;
    directory | file)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -P "$prefix" -A "$kind" -- "$current")
      return ;;
    'release file')
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -X '!*.plugin' -- "$current"; compgen -d -- "$current")
      return ;;
    command)
      mapfile -t COMPREPLY < <(compgen -c -- "$current")
      return ;;
  esac`

/** The script follows the words to a command by tables made here; names of plugins, releases and keys it reads from the disk. */
export function bashCompletion(root: CompletionNode, templates: readonly string[]): string {
  const nodes = allNodes(root)
  const launched = nodes.flatMap((node) => node.launchers.map((launcher) => ({ launcher, path: node.path })))
  return `# Completion of mfserv for bash: source <(mfserv completion bash)
_mfserv_names() {
  local entry
  for entry in "$@"; do
    entry=\${entry%/}
    entry=\${entry##*/}
    # Anything else is no name of ours, and compgen would expand it.
    if [[ $entry != *[!A-Za-z0-9._+-]* ]]; then printf '%s\\n' "$entry"; fi
  done
}

_mfserv() {
  local home=\${MFMODULE_RUNTIME_HOME:-$HOME/metwork/mfserv}
  local current=\${COMP_WORDS[COMP_CWORD]} at='' given=0 first='' value='' kind='' words='' prefix='' index word
  COMPREPLY=()
  case \${COMP_WORDS[0]##*/} in
${launched.map(({ launcher, path }) => `    ${launcher}) at=${shellWord(path)} ;;`).join('\n')}
  esac
${words(nodes)}
  if [[ $value != '' && $current == = ]]; then
    current=''
  elif [[ $value == '' && $current == --*=* ]]; then
    # Where = is not in COMP_WORDBREAKS it stays one word.
    value="$at|\${current%%=*}" prefix="\${current%%=*}=" current=\${current#*=}
  fi
  if [[ $value != '' ]]; then
    case $value in
${nodes.flatMap((node) => values(node, templates)).join('\n')}
    esac
  elif [[ $current == -* ]]; then
    case $at in
${nodes.map((node) => `      ${shellWord(node.path)}) words=${shellWord(wordsOf(node))} ;;`).join('\n')}
    esac
  else
    case "$at|$given" in
${nodes.flatMap(argumentsOf).join('\n')}
    esac
  fi
${KINDS}
  mapfile -t COMPREPLY < <(compgen -P "$prefix" -W "$words" -- "$current")
}

complete -o bashdefault -o default -F _mfserv ${launched.map(({ launcher }) => launcher).join(' ')}`
}

/** Goes through the words before the one that is completed: which command they are, and whose value comes next. */
function words(nodes: readonly CompletionNode[]): string {
  return `  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    case "$at|$word" in
${nodes.flatMap(steps).join('\n')}
      ${nodes.flatMap(valuedFlags).join(' | ')})
        # bash takes --flag=value apart into three words.
        if [[ \${COMP_WORDS[index + 1]} == = ]]; then index=$((index + 1)); fi
        index=$((index + 1))
        if [[ $index -ge $COMP_CWORD ]]; then value="$at|$word"; fi ;;
      *'|-'*) ;;
      *)
        if [[ $given -eq 0 ]]; then first=$word; fi
        given=$((given + 1)) ;;
    esac
  done`
}

function steps({ path, children }: CompletionNode): readonly string[] {
  return children.map((child) => `      ${shellWord(`${path}|${lastWord(child)}`)}) at=${shellWord(child.path)} ;;`)
}

function valuedFlags({ path, options }: CompletionNode): readonly string[] {
  return options.filter(({ value }) => value !== undefined).map(({ flag }) => shellWord(`${path}|${flag}`))
}

function values({ path, options }: CompletionNode, templates: readonly string[]): readonly string[] {
  return options.flatMap((option) => offer(shellWord(`${path}|${option.flag}`), option, templates))
}

function wordsOf({ options }: CompletionNode): string {
  return options.map(({ flag }) => flag).join(' ')
}

function argumentsOf({ path, children, arguments: args }: CompletionNode): readonly string[] {
  if (children.length > 0) return [`      ${shellWord(`${path}|0`)}) words=${shellWord(children.map(lastWord).join(' '))} ;;`]
  return args.flatMap((argument, index) => offer(shellWord(`${path}|${index}`), argument, []))
}

/** One case: what is offered at this place, unless it is nothing that could be known. */
function offer(at: string, data: OptionData | ArgumentData, templates: readonly string[]): readonly string[] {
  const words = 'choices' in data ? data.choices : data.is === 'template' ? templates : undefined
  if (words !== undefined) return [`      ${at}) words=${shellWord(words.join(' '))} ;;`]
  const kind = 'often' in data && data.often === 'own' ? 'command' : data.is
  return kind === undefined ? [] : [`      ${at}) kind=${shellWord(kind)} ;;`]
}
