import { type Candidate, candidate, fact } from './candidate.ts'
import { type AppTree, linesLike } from './tree.ts'

/** Where pages are that are served as they are, the likeliest first. A directory of their own is better than everything. */
const ROOTS = ['public', 'dist', 'build', 'site', '_site', 'html', 'htdocs', 'www', 'docs', '']

export function pageCandidates(tree: AppTree): readonly Candidate[] {
  const [root] = tree.files.has('index.html') ? [''] : ROOTS.filter((directory) => tree.files.has(`${directory}/index.html`))
  if (root === undefined) return []
  const index = root === '' ? 'index.html' : `${root}/index.html`
  const absolute = linesLike(tree, index, /(?:src|href)="\/(?!\/)[^"]/)[0]
  return [
    candidate({
      ...{ kind: 'static', framework: 'files', rank: 'last', type: 'static' },
      values: { directory: root === '' ? '.' : root },
      facts: [fact('framework', 'files', index), fact('static files', root === '' ? 'the whole directory' : `${root}/`, index)],
      notes: [
        ...(absolute === undefined
          ? []
          : [
              `Its links begin with / (${absolute.place}), so they leave the prefix of the plugin: make them relative, or serve it on a virtual host.`,
            ]),
        'If it is an application whose URLs are made in the browser, write fallback = index.html.',
      ],
    }),
  ]
}
