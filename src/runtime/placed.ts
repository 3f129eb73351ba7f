import { words } from './words.ts'

/**
 * The words of a command line with its `{placeholders}` filled in. An unknown one stays. A placeholder without a value leaves
 * no word behind; an empty word that was written is meant.
 */
export function placed(line: string, values: Readonly<Record<string, string>>): readonly string[] {
  return words(line).flatMap((word) => {
    const filled = fill(word, values)
    return word !== '' && filled === '' ? [] : [filled]
  })
}

/** Replaces the placeholders that are named; the others stay, for when their value is known. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  const known = new Map(Object.entries(values))
  return text.replace(/\{(\w+)\}/g, (all, name: string) => known.get(name) ?? all)
}
