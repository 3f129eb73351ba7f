import { fishWord } from '../../shell-quote.ts'
import type { OptionData, ValueKind } from '../command.ts'
import { allNodes, type CompletionNode, lastWord } from './tree.ts'

/** What fish offers for a value. */
const OFFERS: Readonly<Record<Exclude<ValueKind, 'template' | 'file'>, string>> = {
  plugin: '(__mfserv_installed)',
  release: '(__mfserv_releases)',
  key: '(__mfserv_keys)',
  directory: '(__fish_complete_directories)',
  'release file': '(__fish_complete_suffix .plugin)',
}

/** One `complete` line for each word, under the condition that the words before it lead to its command. */
export function fishCompletion(root: CompletionNode, templates: readonly string[]): string {
  const nodes = allNodes(root)
  const lines = nodes.flatMap((node) => [
    ...linesOf(node, 'mfserv', wordsOf(node), templates),
    ...(node.path === '' ? [] : node.launchers).flatMap((launcher) =>
      allNodes(node).flatMap((below) => linesOf(below, launcher, wordsOf(below).slice(wordsOf(node).length), templates)),
    ),
  ])
  return `# Completion of mfserv for fish: mfserv completion fish | source
function __mfserv_home
    test -n "$MFMODULE_RUNTIME_HOME"; and echo $MFMODULE_RUNTIME_HOME; or echo ~/metwork/mfserv
end

function __mfserv_installed
    for entry in (__mfserv_home)/var/plugins/*
        string replace -r '.*/' '' -- $entry
    end
end

function __mfserv_releases
    for entry in (__mfserv_home)/var/plugins/.releases/*/*/
        string replace -r '.*/([^/]+)/$' '$1' -- $entry
    end
end

function __mfserv_keys
    for entry in (__mfserv_home)/config/keys/*.key
        string replace -r '.*/(.*)\\.key$' '$1' -- $entry
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
  const [first] = node.arguments
  const offered = first === undefined ? undefined : (first.choices?.join(' ') ?? offerOf(first.is, templates))
  return [
    ...node.children.map((child) => line(at, `-f -a ${fishWord(lastWord(child))} -d ${fishWord(child.summary)}`)),
    ...node.options.map((option) => line(node.children.length > 0 ? at : inside, optionOf(option, templates))),
    ...(offered === undefined ? [] : [line(at, `-f -a ${fishWord(offered)}`)]),
  ]
}

function optionOf({ flag, short, says, value, is }: OptionData, templates: readonly string[]): string {
  const described = `${short === undefined ? '' : `-s ${short} `}-l ${flag.slice(2)} -d ${fishWord(says)}`
  if (value === undefined) return described
  const offered = offerOf(is, templates)
  return offered === undefined ? `${described} -x` : `${described} -x -a ${fishWord(offered)}`
}

/** Undefined: fish offers files by itself. */
function offerOf(is: ValueKind | undefined, templates: readonly string[]): string | undefined {
  if (is === undefined || is === 'file') return undefined
  return is === 'template' ? templates.join(' ') : OFFERS[is]
}

function wordsOf({ path }: CompletionNode): readonly string[] {
  return path === '' ? [] : path.split(' ')
}
