import type { AppRoutes } from '../../desired/desired.ts'
import { readFragment } from '../../plugin/nginx-fragment.ts'
import { Problem } from '../../problem.ts'
import { isSticky } from './sticky.ts'

/** `proxy_pass` would go past the choice of the worker; the others are how nginx finds out which worker a slot has. */
const IN_THE_WAY: ReadonlySet<string> = new Set(['proxy_pass', 'root', 'alias'])

export function stickyProblems(app: AppRoutes): readonly Problem[] {
  if (!isSticky(app) || app.appFragment === undefined) return []
  const { text, statements } = readFragment(app.appFragment)
  return statements
    .filter(({ words: [name = ''] }) => IN_THE_WAY.has(name))
    .map(({ start, words: [name = ''] }) => {
      const line = text.slice(0, start).split('\n').length
      return new Problem(
        'NGINX_UNSAFE_VALUE',
        `nginx fragment of app "${app.app}" has "${name}", but sticky = 1 decides where a request goes`,
        'Remove it from the fragment, put it into a location { … } there, or write sticky = 0.',
        app.appFile === undefined ? undefined : { file: app.appFile, line },
      )
    })
}
