import type { Mutant } from './mutants.ts'

/** What one process is to try: mutants of one file, each with all of these tests until one fails. */
export interface Job {
  readonly file: string
  /** The code without its types, that the places of the mutants count in. */
  readonly code: string
  readonly mutants: readonly Mutant[]
  /** Those that reach the file, in the order in which they are tried. */
  readonly tests: readonly string[]
  /** The file, its tests, and what lies between them: what has to be read anew for each mutant. */
  readonly between: readonly string[]
}

/** `sound`: every test passes without a mutant, which took so long. `tried`: the next of the mutants. */
export type Message =
  | { readonly is: 'sound'; readonly ms: number }
  | { readonly is: 'unsound'; readonly because: string }
  | { readonly is: 'tried'; readonly noticed: boolean }
