import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { createKey } from '../../../host/package/key-files.ts'
import { Problem } from '../../../problem.ts'
import type { Result } from '../../output.ts'

export async function run([name]: readonly [string]): Promise<Result> {
  if (name.startsWith('-')) {
    throw new Problem('KEY', `the key name "${name}" starts with -, as an option does`, 'Start it with a letter.')
  }
  const key = createKey(pathsOf(runtimeHome()), name)
  const text = [
    `The key ${name} was made (${key.id}):`,
    `  ${key.privateFile}   signs: make release SIGN=${name}. Keep it to yourself.`,
    `  ${key.publicFile}   give it to whoever installs your releases: mfserv key trust ${name}.pub`,
  ]
  return { data: key, text: text.join('\n') }
}
