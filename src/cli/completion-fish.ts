import { fishWord } from '../shell-quote.ts'
import { allNodes, type CompletionNode, type CompletionOption, lastWord, SHELLS } from './completion-tree.ts'

/** One `complete` line for each word, under the condition that the words before it lead to its command. */
export function fishCompletion(root: CompletionNode, templates: readonly string[]): string {
  const nodes = allNodes(root)
  const lines = nodes.flatMap((node) => [
    ...linesOf(node, 'mfserv', wordsOf(node), templates),
    ...(node.launcher === undefined || node.path === ''
      ? []
      : allNodes(node).flatMap((below) =>
          linesOf(below, node.launcher ?? '', wordsOf(below).slice(wordsOf(node).length), templates),
        )),
  ])
  return `# Completion of mfserv for fish: mfserv completion fish | source
function __mfserv_installed
    set -l home ~/metwork/mfserv
    test -n "$MFMODULE_RUNTIME_HOME"; and set home $MFMODULE_RUNTIME_HOME
    for entry in $home/var/plugins/*
        string replace -r '.*/' '' -- $entry
    end
end

# Whether the words that are written lead exactly to this command.
function __mfserv_at
    set -l written (commandline -opc)[2..-1]
    set -l words (string match -v -- '-*' $written)
    test "$words" = "$argv"
end

# Whether they lead to this command, and arguments may follow.
function __mfserv_in
    set -l written (commandline -opc)[2..-1]
    set -l words (string match -v -- '-*' $written)
    test (count $argv) -eq 0; or string match -q -- "$argv *" "$words "
end

${lines.join('\n')}`
}

function linesOf(
  node: CompletionNode,
  command: string,
  words: readonly string[],
  templates: readonly string[],
): readonly string[] {
  const at = fishWord(['__mfserv_at', ...words].join(' '))
  const inside = fishWord(['__mfserv_in', ...words].join(' '))
  const line = (condition: string, rest: string): string => `complete -c ${command} -n ${condition} ${rest}`
  return [
    ...node.children.map((child) => line(at, `-f -a ${fishWord(lastWord(child))} -d ${fishWord(child.summary)}`)),
    ...node.options.map((option) => line(node.children.length > 0 ? at : inside, optionOf(option, templates))),
    ...(node.argument === 'plugin' ? [line(at, `-f -a '(__mfserv_installed)'`)] : []),
    ...(node.argument === 'shell' ? [line(at, `-f -a ${fishWord(SHELLS.join(' '))}`)] : []),
  ]
}

function optionOf({ flag, summary, value }: CompletionOption, templates: readonly string[]): string {
  const described = `-l ${flag.slice(2)} -d ${fishWord(summary)}`
  if (value === 'none') return described
  if (value === 'directory') return `${described} -r -f -a '(__fish_complete_directories)'`
  return value === 'template' ? `${described} -x -a ${fishWord(templates.join(' '))}` : `${described} -x`
}

function wordsOf({ path }: CompletionNode): readonly string[] {
  return path === '' ? [] : path.split(' ')
}
