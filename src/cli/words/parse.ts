import type { CommandEntry, OptionData } from '../command.ts'

/** Not imported by name: that asks for every name of node:util, which takes a tenth of the start of a command. */
const { parseArgs } = process.getBuiltinModule('node:util')

export type Options = Readonly<Record<string, string | true>>

export interface Call {
  readonly is: 'call'
  /** One value for each argument of the command; a list for one that may be there any number of times. */
  readonly args: readonly (string | undefined | readonly string[])[]
  readonly options: Options
}

/** Words that nothing takes. Among `known` may be what was meant by `word`. */
export interface Wrong {
  readonly is: 'wrong'
  readonly what: string
  readonly word?: string
  readonly known?: readonly string[]
}

export type Parsed = Call | Wrong | { readonly is: 'help' } | { readonly is: 'version' }

/** Options that every command has, but for those that run another: what follows may be an option of that one. */
export const JSON_OPTION = { flag: '--json', says: 'print data for programs instead of text' } as const
export const HELP_OPTION = { flag: '--help', says: 'show this help' } as const
export const VERSION_OPTION = {
  flag: '--version',
  says: 'print the version, the commit, and the programs that mfserv runs',
} as const

/** The words behind a command, told apart. Options may stand anywhere before `--`, and before the words of another command. */
export function parseWords(command: CommandEntry, words: readonly string[]): Parsed {
  const tokens = tokensOf(command, words)
  const given = tokens.filter((token) => token.kind === 'positional')
  // Where the words of another command begin, all that follows is its own.
  const own = command.arguments.findIndex(({ often }) => often === 'own')
  const end = (own < 0 ? undefined : given[own]?.index) ?? words.length
  const options: Record<string, string | true> = {}
  for (const token of tokens) {
    if (token.kind !== 'option' || token.index >= end) continue
    if (token.name === 'help') return { is: 'help' }
    if (token.name === 'version' && !runsAnother(command)) return { is: 'version' }
    const wrong = wrongOption(token, command)
    if (wrong !== undefined) return wrong
    options[propertyOf(token.name)] = token.value ?? true
  }
  const before = given.filter(({ index }) => index < end).map(({ value }) => value)
  return withArguments([...before, ...words.slice(end)], options, command)
}

/** A lone dash is a word: many programs take it for standard input. */
export function isOption(word: string): boolean {
  return word.length > 1 && word.startsWith('-')
}

/** Whether the words behind its own are those of another command, which its options must not be mixed up with. */
export function runsAnother({ arguments: args }: CommandEntry): boolean {
  return args.some(({ often }) => often === 'own')
}

/** The options a command takes, with those that all have. */
export function allOptions(command: CommandEntry): readonly OptionData[] {
  return [...command.options, ...(runsAnother(command) ? [] : [JSON_OPTION]), HELP_OPTION]
}

/** Not strictly: what is wrong is told here, with what was meant. */
function tokensOf(command: CommandEntry, words: readonly string[]) {
  const own = allOptions(command).map(
    ({ flag, short, value }) =>
      [flag.slice(2), { type: value === undefined ? 'boolean' : 'string', ...(short === undefined ? {} : { short }) }] as const,
  )
  const options = {
    ...Object.fromEntries(own),
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean', short: 'V' },
  } as const
  return parseArgs({ args: [...words], options, strict: false, allowPositionals: true, tokens: true }).tokens
}

type OptionToken = Extract<ReturnType<typeof tokensOf>[number], { readonly kind: 'option' }>

function wrongOption({ name, rawName, value }: OptionToken, command: CommandEntry): Wrong | undefined {
  const known = allOptions(command)
  const option = known.find(({ flag }) => flag === `--${name}`)
  if (option === undefined)
    return { is: 'wrong', what: `there is no option ${rawName}`, word: rawName, known: known.map(({ flag }) => flag) }
  if (option.value === undefined && value !== undefined) return { is: 'wrong', what: `${rawName} takes no value` }
  if (option.value !== undefined && value === undefined) return { is: 'wrong', what: `the value of ${rawName} is missing` }
  return undefined
}

/** `new-name` is `newName`, as OptionsOf has it. */
function propertyOf(name: string): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

function withArguments(given: readonly string[], options: Options, command: CommandEntry): Parsed {
  const args: (string | undefined | readonly string[])[] = []
  let rest = given
  for (const { name, often, choices } of command.arguments) {
    const [word, ...more] = rest
    if (word === undefined && (often === undefined || often === 'own')) return { is: 'wrong', what: `${name} is missing` }
    if (word !== undefined && choices?.includes(word) === false)
      return { is: 'wrong', what: `${name} is "${word}", not one of ${choices.join(', ')}`, word, known: choices }
    const takesAll = often === 'any' || often === 'own'
    args.push(takesAll ? rest : word)
    rest = takesAll ? [] : more
  }
  const [surplus] = rest
  return surplus === undefined
    ? { is: 'call', args, options }
    : { is: 'wrong', what: `the argument "${surplus}" is one too many` }
}
