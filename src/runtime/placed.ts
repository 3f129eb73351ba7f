import { words } from './words.ts'

/**
 * The words of a command line with its `{placeholders}` filled in. An unknown one stays. A placeholder without a value leaves
 * no word behind; an empty word that was written is meant.
 */
export function placed(line: string, values: Readonly<Record<string, string>>): readonly string[] {
  const known = new Map(Object.entries(values))
  const fill = (word: string): string => word.replace(/\{(\w+)\}/g, (all, name: string) => known.get(name) ?? all)
  return words(line).flatMap((word) => (word !== '' && fill(word) === '' ? [] : [fill(word)]))
}
