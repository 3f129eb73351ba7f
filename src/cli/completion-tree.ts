import { Command } from 'commander'
import type { CommandEntry, CommandTable } from './command.ts'

/** A command as completion knows it. */
export interface CompletionNode {
  /** The words after `mfserv`, with blanks between them; empty for `mfserv` itself. */
  readonly path: string
  readonly summary: string
  readonly launcher: string | undefined
  readonly children: readonly CompletionNode[]
  readonly options: readonly CompletionOption[]
  /** What its first argument is. */
  readonly argument: 'plugin' | 'shell' | 'file'
}

export interface CompletionOption {
  /** `--raw`. */
  readonly flag: string
  readonly summary: string
  readonly value: 'none' | 'directory' | 'template' | 'other'
}

/** The shells that `mfserv completion` writes for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const

/** Every command with its options, from the table and from what each command says of itself. */
export async function completionTree(table: CommandTable): Promise<CompletionNode> {
  const program = new Command('mfserv').enablePositionalOptions()
  const groups = new Map(
    Object.entries(table.groups).map(([name, summary]) => [name, program.command(name).description(summary)]),
  )
  for (const { words, load } of table.commands)
    (await load()).register((words[1] === undefined ? undefined : groups.get(words[0])) ?? program, table)
  return nodeOf(program, '', table.commands)
}

/** The node and all below it, parents first. */
export function allNodes(node: CompletionNode): readonly CompletionNode[] {
  return [node, ...node.children.flatMap(allNodes)]
}

export function lastWord({ path }: CompletionNode): string {
  return path.slice(path.lastIndexOf(' ') + 1)
}

function nodeOf(command: Command, path: string, commands: readonly CommandEntry[]): CompletionNode {
  const entry = commands.find(({ words }) => words.join(' ') === path)
  const own = command.options.filter(({ long }) => long !== undefined && long !== '--json')
  return {
    path,
    summary: entry?.summary ?? command.description(),
    launcher: path === '' ? 'mfserv' : entry?.launcher,
    children: command.commands.map((child) => nodeOf(child, path === '' ? child.name() : `${path} ${child.name()}`, commands)),
    options: [
      ...own.map(({ long, description, flags }) => ({ flag: long ?? '', summary: description, value: valueIn(flags) })),
      // Behind a wrapper, every word may be the command's own.
      ...(path === 'wrapper'
        ? []
        : [{ flag: '--json', summary: 'print data for programs instead of text', value: 'none' } as const]),
      { flag: '--help', summary: 'show the words it takes', value: 'none' },
      ...(path === '' ? [{ flag: '--version', summary: 'print the version', value: 'none' } as const] : []),
    ],
    argument: entry?.completes ?? (path === 'completion' ? 'shell' : 'file'),
  }
}

function valueIn(flags: string): CompletionOption['value'] {
  const [, value] = /[<[](.+)[>\]]/.exec(flags) ?? []
  if (value === undefined) return 'none'
  return value === 'directory' || value === 'template' ? value : 'other'
}
