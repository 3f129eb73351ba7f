import type { AppType } from '../runtime/app-type.ts'

/** One way in which a directory can be served. */
export interface Candidate {
  /** The word for it in `--type`: `flask`. */
  readonly kind: string
  /** As its makers call it: `Flask`. */
  readonly framework: string
  /** `server`: a program that answers. `site`: files that are built, perhaps for a server beside them. `last`: what is served when there is nothing else. */
  readonly rank: 'server' | 'site' | 'last'
  readonly type: AppType
  /** Keys of its section in config.ini, beside the type. */
  readonly values: Readonly<Record<string, string>>
  /** Command lines that have to run before it can be served, in this order. */
  readonly build: readonly string[]
  readonly facts: readonly Fact[]
  /** What a person has to know or to do, a sentence or two each. */
  readonly notes: readonly string[]
  /** What has to lie beside it. */
  readonly files: readonly NewFile[]
  /** Patterns of the files whose change replaces its workers, beside the usual ones. */
  readonly watched: readonly string[]
}

export type Subject = 'framework' | 'entry point' | 'dependencies' | 'static files' | 'build' | 'port' | 'daemon' | 'interpreter'

/** Something that was found, and why it is believed. */
export interface Fact {
  readonly about: Subject
  readonly is: string
  readonly because: string
}

export interface NewFile {
  readonly path: string
  readonly text: string
}

export function fact(about: Subject, is: string, because: string): Fact {
  return { about, is, because }
}

/** A candidate with nothing in what is not said. */
export function candidate(said: Pick<Candidate, 'kind' | 'framework' | 'rank' | 'type'> & Partial<Candidate>): Candidate {
  return { values: {}, build: [], facts: [], notes: [], files: [], watched: [], ...said }
}
