import { Command } from 'commander'
import { COMMANDS, type CommandEntry, GROUPS } from './commands.ts'

/** Only the command that is called is loaded: each further one would cost every start some milliseconds. */
export async function programFor(words: readonly string[]): Promise<Command> {
  const called = words.filter((word) => !word.startsWith('-'))
  const [first] = called
  const program = new Command('mfserv')
    .description('A private PaaS for one machine: plugins behind nginx, supervised, swapped without a lost request.')
    .option('--json', 'print data for programs instead of text')
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for the words it takes)')
    // Every word behind the command that a wrapper runs is that command's own.
    .enablePositionalOptions(first === 'wrapper')
  if (words.includes('--version') || words.includes('-V')) {
    const { version } = await import('../host/machine.ts')
    program.version(version())
  } else {
    program.option('-V, --version', 'print the version')
  }
  const groups = new Map(Object.entries(GROUPS).map(([name, summary]) => [name, program.command(name).description(summary)]))
  for (const entry of COMMANDS) await add(entry, program, groups, called)
  return program
}

async function add(
  entry: CommandEntry,
  program: Command,
  groups: ReadonlyMap<string, Command>,
  called: readonly string[],
): Promise<void> {
  const [word, second] = entry.words
  const parent = second === undefined ? program : groups.get(word)
  if (parent === undefined) throw new Error(`the group "${word}" is not in GROUPS`)
  if (entry.words.every((expected, index) => expected === called[index])) (await entry.load()).register(parent)
  else parent.command(second ?? word).description(entry.summary)
}
