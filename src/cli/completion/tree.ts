import type { ArgumentData, CommandEntry, CommandTable, GroupEntry, OptionData } from '../command.ts'
import { childrenOf } from '../words/find.ts'
import { allOptions, HELP_OPTION, JSON_OPTION, VERSION_OPTION } from '../words/parse.ts'

/** A command as completion knows it. */
export interface CompletionNode {
  /** The words after `mfserv`, with blanks between them; empty for `mfserv` itself. */
  readonly path: string
  readonly summary: string
  /** The names in `bin/` that it is called by. */
  readonly launchers: readonly string[]
  readonly children: readonly CompletionNode[]
  readonly options: readonly OptionData[]
  readonly arguments: readonly ArgumentData[]
}

/** Every command with its options, as the table has it. */
export function completionTree(table: CommandTable): CompletionNode {
  const root = table.groups.find(({ words }) => words.length === 0)
  if (root === undefined) throw new Error('the table of groups has no entry for mfserv itself')
  return groupNode(root, table)
}

/** The node and all below it, parents first. */
export function allNodes(node: CompletionNode): readonly CompletionNode[] {
  return [node, ...node.children.flatMap(allNodes)]
}

export function lastWord({ path }: CompletionNode): string {
  return path.slice(path.lastIndexOf(' ') + 1)
}

function groupNode(group: GroupEntry, table: CommandTable): CompletionNode {
  return {
    path: group.words.join(' '),
    summary: group.summary,
    launchers: launchersOf(group),
    children: childrenOf(group, table).map((below) => ('load' in below ? commandNode(below) : groupNode(below, table))),
    options: [JSON_OPTION, HELP_OPTION, VERSION_OPTION],
    arguments: [],
  }
}

function commandNode(command: CommandEntry): CompletionNode {
  return {
    path: command.words.join(' '),
    summary: command.summary,
    launchers: launchersOf(command),
    children: [],
    options: allOptions(command),
    arguments: command.arguments,
  }
}

function launchersOf(entry: CommandEntry | GroupEntry): readonly string[] {
  return [entry.launcher ?? [], 'alias' in entry ? (entry.alias ?? []) : []].flat()
}
