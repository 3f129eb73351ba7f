import { Command, CommanderError } from 'commander'
import { Problem } from '../problem.ts'
import type { CommandEntry } from './command.ts'
import { COMMANDS, GROUPS } from './commands.ts'
import type { OutputOptions } from './output.ts'

/** Does what the words ask for. Throws USAGE for words that no command takes. */
export async function runProgram(words: readonly string[], options: OutputOptions): Promise<void> {
  const program = await programFor(words, options)
  try {
    await program.parseAsync(words, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode !== 0 && (error.code !== HELP || options.json === true)) throw usage(error, words)
    process.exitCode = error.exitCode
  }
}

/** The help that stands for an answer where words are missing; with --json, nobody reads it. */
const HELP = 'commander.help'

function usage({ code, message }: CommanderError, words: readonly string[]): Problem {
  const [first = '', ...more] = message.replace(/^error: /, '').split('\n')
  const hint = more.map((line) => `${line.replace(/^\((.*)\)$/, '$1')} `).join('')
  const group = words.filter((word) => !word.startsWith('-')).slice(0, 1)
  return code === HELP
    ? new Problem(
        'USAGE',
        'a command is missing',
        `Name one of those that are listed by: ${['mfserv', ...group, '--help'].join(' ')}`,
      )
    : new Problem('USAGE', first, `${hint}Add --help for the words it takes.`)
}

/** Only the command that is called is loaded: each further one would cost every start some milliseconds. */
async function programFor(words: readonly string[], { json }: OutputOptions): Promise<Command> {
  const called = words.filter((word) => !word.startsWith('-'))
  const [first] = called
  const program = new Command('mfserv')
    .description('A private PaaS for one machine: plugins behind nginx, supervised, swapped without a lost request.')
    .option('--json', 'print data for programs instead of text')
    .showSuggestionAfterError()
    .exitOverride()
    // What is wrong with the words is told as every other problem is.
    .configureOutput({ outputError: () => undefined, ...(json === true ? { writeErr: () => undefined } : {}) })
    // Every word behind the command that a wrapper runs is that command's own.
    .enablePositionalOptions(first === 'wrapper')
  if (words.includes('--version') || words.includes('-V')) {
    const { version } = await import('../host/module/machine.ts')
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
  if (entry.words.every((expected, index) => expected === called[index]))
    (await entry.load()).register(parent, { commands: COMMANDS, groups: GROUPS })
  else parent.command(second ?? word).description(entry.summary)
}
