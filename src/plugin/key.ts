import type { Key, Read } from '../config/value.ts'
import type { Dialect } from './plugin.ts'

/** A key of a plugin's config.ini. A name that is undefined means that the dialect has no such key. */
export interface PluginKey<T> extends Key<T> {
  readonly documented: string | undefined
  readonly later: string | undefined
  /** What the later dialect reads when the key is absent, where that differs. */
  readonly laterFallback?: string
  /** What templates write. */
  readonly template?: string
  /** For the fix of a key that is missing, where templates have no value of their own. */
  readonly example?: string
  /** `always`: a problem when absent or empty. Whether other keys are needed depends on the app's type. */
  readonly required?: 'always'
  /** `is told`: a value that is empty is only a warning. */
  readonly empty?: 'is told'
  /** The key to write instead of this one. */
  readonly renamed?: string
  /** Administrators may override it although the later dialect, whose names say that, does not have it. */
  readonly public?: true
}

export type Table = Readonly<Record<string, PluginKey<unknown>>>

/** The values of a section, typed as its table says. */
export type Values<T extends Table> = { readonly [K in keyof T]: T[K] extends PluginKey<infer V> ? V : never }

type Extras = Omit<Partial<PluginKey<unknown>>, 'read' | 'fallback' | 'doc' | 'documented' | 'later'>

/** `documented / later`, where `-` stands for a dialect without the key. One name alone is the same in both. */
export function key<T>(names: string, read: Read<T>, fallback: string, doc: string, extras: Extras = {}): PluginKey<T> {
  const [documented = names, later = documented] = names.split(' / ')
  return { documented: nameOrNone(documented), later: nameOrNone(later), read, fallback, doc, ...extras }
}

export function nameIn(dialect: Dialect, { documented, later }: PluginKey<unknown>): string | undefined {
  return dialect === 'documented' ? documented : later
}

/** The key that is called so, in whichever dialect. */
export function keyNamed(name: string, table: Table): PluginKey<unknown> | undefined {
  return Object.values(table).find(({ documented, later }) => documented === name || later === name)
}

/** Both names of a key: a section may use either, whatever it is written in. */
export function namesOf({ documented, later }: PluginKey<unknown>): readonly string[] {
  return [...new Set([documented, later])].filter((name) => name !== undefined)
}

/** Under which the documented dialect knows the key as well. They win over it. */
export function oldNames(key: string, table: Table): readonly string[] {
  return Object.values(table).flatMap(({ documented, renamed }) => (renamed === key ? (documented ?? []) : []))
}

/** Whether administrators may override it: the later dialect names what belongs to the plugin alone with a `_` in front. */
export function isPublic({ later, public: isPublicHere }: PluginKey<unknown>): boolean {
  return later === undefined ? isPublicHere === true : !later.startsWith('_')
}

export function fallbackIn(dialect: Dialect, { fallback, laterFallback }: PluginKey<unknown>): string {
  return dialect === 'documented' ? fallback : (laterFallback ?? fallback)
}

function nameOrNone(name: string): string | undefined {
  return name === '-' ? undefined : name
}
