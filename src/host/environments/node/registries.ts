import { join } from 'node:path'
import { textOf } from '../../disk/text-of.ts'
import { type AskedIndex, askIndexes } from '../ask-indexes.ts'

/** `registry=URL`, and `@acme:registry=URL` for the packages of one scope. */
const REGISTRY = /^\s*(?:@[\w.-]+:)?registry\s*=\s*"?([^\s"]+)/
const PROXY = /^\s*(?:https?-)?proxy\s*=\s*"?[^\s"]/m

/** The registries that the `.npmrc` of a plugin names, with their lines. */
export function registriesIn(text: string, file: string): readonly AskedIndex[] {
  return text.split('\n').flatMap((line, index) => {
    const url = REGISTRY.exec(line)?.[1]
    return url === undefined ? [] : [{ url, where: { file, line: index + 1 } }]
  })
}

/** Which of them a message of npm is about: it says whom it asked. Undefined where the .npmrc of the user names that one. */
export function askedRegistry(said: string, registries: readonly AskedIndex[]): AskedIndex | undefined {
  return registries.find(({ url }) => URL.canParse(url) && said.includes(`//${new URL(url).host}/`))
}

/** npm tries one that does not answer again and again, for minutes. Throws Problems, each with its line. */
export async function askRegistries(home: string, env: NodeJS.ProcessEnv): Promise<void> {
  const file = join(home, '.npmrc')
  const text = textOf(file) ?? ''
  if (PROXY.test(text) || env['npm_config_proxy'] || env['npm_config_https_proxy']) return
  await askIndexes('registry', registriesIn(text, file), env)
}
