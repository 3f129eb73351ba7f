import type { AppTree } from '../tree.ts'
import { firstLineOf, hasDirectory } from '../tree.ts'
import { needs, type PackageFile } from './package-file.ts'

/** What a builder of web pages leaves behind. */
export interface Built {
  readonly kind: string
  readonly framework: string
  readonly because: string
  readonly is: 'files' | 'server'
  /** The directory of the files, or the file to run. */
  readonly output: string
  /** Of an application in the browser that has the URLs below its own for itself. */
  readonly singlePage?: true
  /** What the build script is told, so that its pages fit the URL of the plugin. `{name}` is that of the plugin. */
  readonly base: { readonly is: 'argument' | 'variable'; readonly text: string } | undefined
  /** Further command lines of the build. */
  readonly afterwards: readonly string[]
  readonly notes: readonly string[]
}

/** A setting of a configuration in JavaScript, on a line of its own or in the middle of one, and not in a comment. */
function setting(name: string, value = ''): RegExp {
  return new RegExp(`^(?!\\s*(?://|/?\\*))(?:.*[\\s{,.])?${name}\\s*[:=]\\s*${value}`)
}

type Builder = (tree: AppTree, file: PackageFile) => Built | undefined

/** What this package builds; the first that fits, since most of them use Vite below. */
export function builtBy(tree: AppTree, file: PackageFile): Built | undefined {
  for (const builder of BUILDERS) {
    const built = builder(tree, file)
    if (built !== undefined) return built
  }
  return undefined
}

const NO_NOTES = { afterwards: [], notes: [] }
const CONFIGS = (name: string): readonly string[] => ['js', 'mjs', 'cjs', 'ts', 'mts'].map((ending) => `${name}.config.${ending}`)

const next: Builder = (tree, file) => {
  if (!needs(file, 'next')) return undefined
  const config = CONFIGS('next')
  const output = firstLineOf(tree, config, setting('output', '["\'](standalone|export)["\']'))
  const basePath = firstLineOf(tree, config, setting('basePath'))
  const notes =
    basePath === undefined
      ? [
          'The files of Next.js stand below /_next: set basePath to "/{name}" in its configuration, or serve it on a virtual host.',
        ]
      : []
  const common = { kind: 'next', framework: 'Next.js', base: undefined, notes }
  if (output === undefined) return undefined
  if (output.first === 'export') return { ...common, is: 'files', output: 'out', because: output.place, afterwards: [] }
  const copies = [
    'cp -r .next/static .next/standalone/.next/',
    ...(hasDirectory(tree, 'public') ? ['cp -r public .next/standalone/'] : []),
  ]
  return { ...common, is: 'server', output: '.next/standalone/server.js', because: output.place, afterwards: copies }
}

const nuxt: Builder = (_tree, file) => {
  if (!needs(file, 'nuxt')) return undefined
  const common = {
    kind: 'nuxt',
    framework: 'Nuxt',
    ...NO_NOTES,
    base: { is: 'variable', text: 'NUXT_APP_BASE_URL=/{name}/' },
  } as const
  const generates = /\bnuxt\s+generate\b/.test(String(file.scripts.get('build')))
  return generates
    ? { ...common, is: 'files', output: 'dist', because: 'the build script runs "nuxt generate"' }
    : { ...common, is: 'server', output: '.output/server/index.mjs', because: 'package.json needs nuxt' }
}

const svelteKit: Builder = (_tree, file) => {
  if (!needs(file, '@sveltejs/kit')) return undefined
  const notes = [
    'SvelteKit makes its links for the root: set kit.paths.base to "/{name}" in its configuration, or serve it on a virtual host.',
  ]
  const common = { kind: 'sveltekit', framework: 'SvelteKit', base: undefined, afterwards: [], notes }
  if (needs(file, '@sveltejs/adapter-node'))
    return {
      ...common,
      is: 'server',
      output: 'build/index.js',
      because: 'package.json needs @sveltejs/adapter-node',
    }
  const static_ = needs(file, '@sveltejs/adapter-static')
  const because = static_ ? 'package.json needs @sveltejs/adapter-static' : 'package.json needs @sveltejs/kit'
  const adapter =
    'Its adapter makes nothing that this machine can serve: use @sveltejs/adapter-node, or @sveltejs/adapter-static.'
  return { ...common, is: 'files', output: 'build', singlePage: true, because, notes: static_ ? notes : [adapter, ...notes] }
}

const astro: Builder = (_tree, file) => {
  if (!needs(file, 'astro')) return undefined
  const common = {
    kind: 'astro',
    framework: 'Astro',
    ...NO_NOTES,
    base: { is: 'argument', text: '--base=/{name}/' },
  } as const
  return needs(file, '@astrojs/node')
    ? { ...common, is: 'server', output: 'dist/server/entry.mjs', because: 'package.json needs @astrojs/node' }
    : { ...common, is: 'files', output: 'dist', because: 'package.json needs astro' }
}

const reactScripts: Builder = (_tree, file) =>
  needs(file, 'react-scripts')
    ? {
        ...{ kind: 'react-scripts', framework: 'Create React App', is: 'files', output: 'build', singlePage: true, ...NO_NOTES },
        because: 'package.json needs react-scripts',
        base: { is: 'variable', text: 'PUBLIC_URL=/{name}' },
      }
    : undefined

const vueCli: Builder = (_tree, file) =>
  needs(file, '@vue/cli-service')
    ? {
        ...{
          kind: 'vue-cli',
          framework: 'Vue CLI',
          is: 'files',
          output: 'dist',
          singlePage: true,
          base: undefined,
          afterwards: [],
        },
        because: 'package.json needs @vue/cli-service',
        notes: ['Set publicPath to "/{name}/" in vue.config.js, or serve it on a virtual host.'],
      }
    : undefined

const vite: Builder = (tree, file) => {
  if (!needs(file, 'vite')) return undefined
  const config = CONFIGS('vite')
  const written = firstLineOf(tree, config, setting('base'))
  const outDir = firstLineOf(tree, config, setting('outDir', '["\'](?:\\./)?([\\w-]+(?:/[\\w-]+)*)/?["\']'))
  return {
    ...{ kind: 'vite', framework: 'Vite', is: 'files', singlePage: true, ...NO_NOTES },
    output: outDir?.first ?? 'dist',
    because: outDir?.place ?? 'package.json needs vite',
    base: written === undefined ? { is: 'argument', text: '--base=/{name}/' } : undefined,
  }
}

const BUILDERS: readonly Builder[] = [next, nuxt, svelteKit, astro, reactScripts, vueCli, vite]
