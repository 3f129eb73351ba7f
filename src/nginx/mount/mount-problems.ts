import type { AppRoutes } from '../../desired/desired.ts'
import { readFragment, type Statement, tokensOf } from '../../plugin/nginx-fragment.ts'
import { Problem } from '../../problem.ts'
import { isMounted } from './mount.ts'

const OF_PATH: ReadonlySet<string> = new Set(['rewrite', 'break', 'proxy_pass', 'fastcgi_pass'])

/** `mount` cuts the path, so a fragment that makes another one would be overruled, or would overrule it, without a word. */
export function mountProblems(app: AppRoutes): readonly Problem[] {
  if (!isMounted(app) || app.appFragment === undefined) return []
  const { text, statements } = readFragment(app.appFragment)
  return statements
    .filter((statement) => changesPath(statement, text))
    .map(({ start, words: [name = ''] }) => {
      const line = text.slice(0, start).split('\n').length
      const what = name === 'if' ? 'an "if" with a "rewrite", a "break" or a "…_pass" in it' : `"${name}"`
      return new Problem(
        'NGINX_UNSAFE_VALUE',
        `nginx fragment of app "${app.app}" has ${what}, but mount = 1 gives the app a path without its prefix`,
        'Remove it from the fragment, put it into a location { … } there, or write mount = 0.',
        app.appFile === undefined ? undefined : { file: app.appFile, line },
      )
    })
}

function changesPath({ words: [name = ''], start, end }: Statement, text: string): boolean {
  return name === 'if' ? tokensOf(text.slice(start, end)).some((token) => OF_PATH.has(token.text)) : OF_PATH.has(name)
}
