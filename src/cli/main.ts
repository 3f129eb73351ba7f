import type { CommandEntry } from './command.ts'
import { COMMANDS } from './commands.ts'
import { fail } from './output.ts'

/** `argv`: the name of the launcher, then the words the person wrote. */
async function main(argv: readonly string[]): Promise<void> {
  const [launcher = 'mfserv', ...written] = argv
  const entry = COMMANDS.find((one) => one.launcher === launcher || one.alias === launcher)
  const words = entry === undefined ? written : [...entry.words, ...written]
  if (commandOf(words)?.umask === undefined) process.umask(FOR_US_ALONE)
  const options = { json: words[0] !== 'wrapper' && beforeDashes(words).includes('--json') }
  try {
    if ((await entry?.direct?.(written)) === true) return
    const { runProgram } = await import('./program.ts')
    await runProgram(words, options)
  } catch (error) {
    await fail(error, options)
  }
}

/** What mfserv writes is for its own user. */
const FOR_US_ALONE = 0o077

function commandOf(words: readonly string[]): CommandEntry | undefined {
  const called = words.filter((word) => !word.startsWith('-'))
  return COMMANDS.find((entry) => entry.words.every((word, index) => called[index] === word))
}

function beforeDashes(words: readonly string[]): readonly string[] {
  const at = words.indexOf('--')
  return at < 0 ? words : words.slice(0, at)
}

await main(process.argv.slice(2))
