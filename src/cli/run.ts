import type { CommandEntry } from './command.ts'
import { COMMANDS, GROUPS } from './commands.ts'
import { type FoundGroup, findCommand } from './words/find.ts'
import { type Call, parseWords, runsAnother } from './words/parse.ts'

/** What mfserv writes is for its own user. */
const FOR_US_ALONE = 0o077
const TABLE = { commands: COMMANDS, groups: GROUPS }

/** `argv`: the name of the launcher, then the words the person wrote. What only some calls need is loaded where it is needed. */
export async function runCommand([launcher = 'mfserv', ...written]: readonly string[]): Promise<void> {
  const found = findCommand(launcher, written, TABLE)
  if (found.is !== 'command' || found.command.umask === undefined) process.umask(FOR_US_ALONE)
  const json = asksForJson(written) && !(found.is === 'command' && runsAnother(found.command))
  try {
    switch (found.is) {
      case 'command':
        return await answer(found.command, found.typed, { words: found.rest, json })
      case 'group':
        return await answerGroup(found, json)
      case 'nothing':
        throw (await import('./words/wrong.ts')).noSuchCommand(found, TABLE)
    }
  } catch (error) {
    const { fail } = await import('./output.ts')
    await fail(error, { json })
  }
}

function asksForJson(words: readonly string[]): boolean {
  const end = words.indexOf('--')
  return (end < 0 ? words : words.slice(0, end)).includes('--json')
}

interface Asked {
  readonly words: readonly string[]
  readonly json: boolean
}

async function answer(command: CommandEntry, typed: string, { words, json }: Asked): Promise<void> {
  const parsed = parseWords(command, words)
  switch (parsed.is) {
    case 'wrong':
      throw (await import('./words/wrong.ts')).wrongWords(parsed, command, typed)
    case 'version':
      return await printVersion(json)
    case 'help': {
      const { commandHelp } = await import('./words/help.ts')
      const { write } = await import('./output.ts')
      write(`${commandHelp(command, typed)}\n`)
      return
    }
    case 'call': {
      const result = await called(command, typed, words, parsed)
      if (result === undefined) return
      const { print } = await import('./output.ts')
      print(result, { json: parsed.options['json'] === true })
      await result.after?.()
    }
  }
}

async function called(command: CommandEntry, typed: string, words: readonly string[], { args, options }: Call) {
  const { run } = await command.load()
  // command() in entries/shared.ts has checked that this command takes what its data gives.
  const call = () => run(args as never, options as never, TABLE)
  if (command.changes === undefined) return await call()
  const { audited, changesSomething } = await import('./audited.ts')
  return changesSomething(command, options) ? await audited(typed, words, call) : await call()
}

async function answerGroup({ group, typed, asks }: FoundGroup, json: boolean): Promise<void> {
  if (asks === 'version') return await printVersion(json)
  // With --json nobody reads the help that stands for an answer.
  if (asks === 'nothing' && json) throw (await import('./words/wrong.ts')).commandMissing(typed)
  const { groupHelp } = await import('./words/help.ts')
  const { write } = await import('./output.ts')
  const help = `${groupHelp(group, typed, TABLE)}\n`
  if (asks === 'help') write(help)
  else process.stderr.write(help)
  process.exitCode = asks === 'help' ? 0 : 1
}

async function printVersion(json: boolean): Promise<void> {
  const { aboutMfserv, aboutText } = await import('../operations/module/about.ts')
  const about = await aboutMfserv()
  const { print } = await import('./output.ts')
  print({ data: about, text: aboutText(about) }, { json })
}
