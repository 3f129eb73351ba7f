import { Argument, type Command } from 'commander'
import type { CommandTable } from '../command.ts'
import type { OutputOptions } from '../output.ts'

type Shell = 'bash' | 'zsh' | 'fish'

export function register(program: Command, table: CommandTable): void {
  program
    .command('completion')
    .description('Print the completion script of a shell. bash: source <(mfserv completion bash)')
    .addArgument(new Argument('<SHELL>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: Shell, _options, command: Command) => {
      const { print } = await import('../output.ts')
      const script = await scriptFor(shell, table)
      print({ data: { shell, script }, text: script, for: 'a shell' }, command.optsWithGlobals<OutputOptions>())
    })
}

async function scriptFor(shell: Shell, table: CommandTable): Promise<string> {
  const { completionTree } = await import('../completion-tree.ts')
  const { TEMPLATES } = await import('../../template/templates.ts')
  const tree = await completionTree(table)
  const templates = Object.keys(TEMPLATES)
  switch (shell) {
    case 'bash':
      return (await import('../completion-bash.ts')).bashCompletion(tree, templates)
    case 'zsh':
      return (await import('../completion-zsh.ts')).zshCompletion(tree, templates)
    case 'fish':
      return (await import('../completion-fish.ts')).fishCompletion(tree, templates)
  }
}
