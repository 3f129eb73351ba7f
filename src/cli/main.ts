import { COMMANDS } from './commands.ts'
import { fail } from './output.ts'

/** `argv`: the name of the launcher, then the words the person wrote. */
async function main(argv: readonly string[]): Promise<void> {
  const [launcher = 'mfserv', ...written] = argv
  const entry = COMMANDS.find((one) => one.launcher === launcher || one.alias === launcher)
  const words = entry === undefined ? written : [...entry.words, ...written]
  const options = { json: words[0] !== 'wrapper' && beforeDashes(words).includes('--json') }
  try {
    if ((await entry?.direct?.(written)) === true) return
    const { runProgram } = await import('./program.ts')
    await runProgram(words, options)
  } catch (error) {
    await fail(error, options)
  }
}

function beforeDashes(words: readonly string[]): readonly string[] {
  const at = words.indexOf('--')
  return at < 0 ? words : words.slice(0, at)
}

await main(process.argv.slice(2))
