import { words } from '../../runtime/words.ts'
import { type AppTree, firstOf } from '../tree.ts'
import type { PackageFile } from './package-file.ts'

/** How a Node program is started. */
export type Start =
  | { readonly is: 'file'; readonly file: string; readonly options: string }
  /** A program of a package, or of the system. */
  | { readonly is: 'program'; readonly words: readonly string[] }

const RUNNERS: ReadonlySet<string> = new Set(['node', 'nodemon', 'ts-node', 'ts-node-dev', 'tsx', 'pm2-runtime', 'supervisor'])
/** Options of node that take the next word as their value. */
const WITH_VALUE: ReadonlySet<string> = new Set([
  '-r',
  '--require',
  '--import',
  '--loader',
  '--experimental-loader',
  '--env-file',
])
/** What a package begins with where it does not say it. */
const USUAL = [
  'server.js',
  'index.js',
  'app.js',
  'main.js',
  'server.mjs',
  'index.mjs',
  'server.ts',
  'src/server.js',
  'src/index.js',
  'src/app.js',
]

/** What a line of `scripts` starts, without the variables that it sets; undefined for one that a shell has to read. */
export function startOf(script: string): Start | undefined {
  if (/[;&|<>`$()]/.test(script)) return undefined
  const all = words(script)
  const from = all.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word) && word !== 'cross-env' && word !== 'env')
  const [program = '', ...rest] = from < 0 ? [] : all.slice(from)
  if (program === '') return undefined
  return RUNNERS.has(program) ? nodeStart(program, rest) : { is: 'program', words: [program, ...rest] }
}

function nodeStart(program: string, rest: readonly string[]): Start | undefined {
  const options: string[] = program === 'tsx' ? ['--import', 'tsx'] : []
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at] ?? ''
    if (!word.startsWith('-'))
      return word === 'watch' ? undefined : { is: 'file', file: normal(word), options: options.join(' ') }
    if (program === 'node' && !/^--(?:watch|inspect)/.test(word)) options.push(word)
    if (WITH_VALUE.has(word)) {
      at += 1
      if (program === 'node') options.push(rest[at] ?? '')
    }
  }
  return undefined
}

/** What `npm start` would start, and which word says so. */
export function fallbackStart(tree: AppTree, { main }: PackageFile): { readonly file: string; readonly by: string } | undefined {
  const named = main === undefined ? undefined : fileNamed(tree, normal(main))
  if (named !== undefined) return { file: named, by: 'main' }
  const usual = firstOf(tree, USUAL)
  return usual === undefined ? undefined : { file: usual, by: usual }
}

/** As `node` and `require` find it: without its ending, or as the index of a directory. */
export function fileNamed(tree: AppTree, file: string): string | undefined {
  return firstOf(tree, [file, `${file}.js`, `${file}.mjs`, `${file}.cjs`, `${file}/index.js`])
}

function normal(path: string): string {
  return path.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '')
}
