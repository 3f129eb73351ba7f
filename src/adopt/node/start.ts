import { words } from '../../runtime/words.ts'
import { type AppTree, firstOf } from '../tree.ts'
import type { PackageFile } from './package-file.ts'

/** How a Node program is started. */
export type Start =
  | { readonly is: 'file'; readonly file: string; readonly options: string; readonly variables: readonly string[] }
  /** A program of a package, or of the system. */
  | StartProgram

export interface StartProgram {
  readonly is: 'program'
  readonly program: string
  readonly rest: readonly string[]
  readonly variables: readonly string[]
}

const RUNNERS: ReadonlySet<string> = new Set(['node', 'nodemon', 'ts-node', 'ts-node-dev', 'tsx', 'pm2-runtime', 'supervisor'])
/** Options of node that take the next word as their value. What runs files in place of node hands them on. */
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

/** What a line of `scripts` starts, and the variables that it sets; undefined for one that a shell has to read. */
export function startOf(script: string): Start | undefined {
  if (/[;&|<>`$()]/.test(script)) return undefined
  const all = words(script)
  const from = all.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word) && word !== 'cross-env' && word !== 'env')
  const [program, ...rest] = from < 0 ? [] : all.slice(from)
  if (program === undefined) return undefined
  const variables = all.slice(0, from).filter((word) => word.includes('='))
  return RUNNERS.has(program) ? nodeStart(program, rest, variables) : { is: 'program', program, rest, variables }
}

function nodeStart(program: string, rest: readonly string[], variables: readonly string[]): Start | undefined {
  const options: string[] = program === 'tsx' ? ['--import', 'tsx'] : []
  const waiting = [...rest]
  for (let word = waiting.shift(); word !== undefined; word = waiting.shift()) {
    if (!word.startsWith('-'))
      return word === 'watch' ? undefined : { is: 'file', file: normal(word), options: options.join(' '), variables }
    if (WITH_VALUE.has(word)) options.push(word, ...waiting.splice(0, 1))
    else if (program === 'node' && !/^--(?:watch|inspect)/.test(word)) options.push(word)
  }
  return undefined
}

/** The file that `npm start` would start. */
export function fallbackStart(tree: AppTree, { main }: PackageFile): string | undefined {
  return (main === undefined ? undefined : fileNamed(tree, normal(main))) ?? firstOf(tree, USUAL)
}

/** As `node` and `require` find it: without its ending, or as the index of a directory. */
export function fileNamed(tree: AppTree, file: string): string | undefined {
  return firstOf(tree, [file, `${file}.js`, `${file}.mjs`, `${file}.cjs`, `${file}/index.js`])
}

function normal(path: string): string {
  return path.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '')
}
