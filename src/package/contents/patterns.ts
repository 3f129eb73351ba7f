import ignore, { type Ignore } from 'ignore'
import { endlessPatterns } from '../wildcards.ts'

/** Patterns in the syntax of .gitignore, as they are used. */
export interface Patterns {
  readonly rules: Ignore
  /** The lines that are used. */
  readonly lines: readonly string[]
  /** Those that are not used as written, because they would leave out what has to be in. */
  readonly overruled: readonly Overruled[]
}

export interface Overruled {
  readonly line: number
  readonly pattern: string
  /** What has to be in. */
  readonly path: string
}

export interface Reading {
  /** Relative to the directory of the patterns; directories end in `/`. */
  readonly needed: readonly string[]
  /** Of a pattern that would leave out one of them: whether it is not used at all, or only that one is taken from it. */
  readonly isDropped: (pattern: string) => boolean
  readonly ignoreCase: boolean
}

/** Reads the text of an ignore file. Patterns that may take for ever to compare with a name are not used. */
export function readPatterns(text: string, { needed, isDropped, ignoreCase }: Reading): Patterns {
  const endless = endlessPatterns(text)
  const lines = new Map(
    text.split(/\r?\n/).flatMap((line, index) => (endless.has(index + 1) ? [] : [[index + 1, line] as const])),
  )
  const overruled: Overruled[] = []
  const exceptions: string[] = []
  const compile = (): Ignore => {
    const marked = [...lines].map(([line, pattern]) => ({ pattern, mark: String(line) }))
    return ignore({ ignoreCase }).add(marked).add(exceptions)
  }
  let rules = compile()
  for (const path of needed) {
    for (let found = rules.test(path); found.ignored && found.rule !== undefined; found = rules.test(path)) {
      const line = Number(found.rule.mark)
      const { pattern } = found.rule
      if (!overruled.some((one) => one.line === line)) overruled.push({ line, pattern, path: path.replace(/\/$/, '') })
      if (isDropped(pattern)) lines.delete(line)
      else exceptions.push(...exceptionsFor(path))
      rules = compile()
      if (!isDropped(pattern)) break
    }
  }
  return { rules, lines: [...lines.values()], overruled }
}

/** A file in a directory that is ignored can only be taken back with every directory on the way to it. */
function exceptionsFor(path: string): readonly string[] {
  const parts = path.replace(/\/$/, '').split('/').map(escaped)
  const ways = parts.slice(0, -1).map((_part, index) => `!/${parts.slice(0, index + 1).join('/')}/`)
  const whole = `!/${parts.join('/')}`
  return path.endsWith('/') ? [...ways, `${whole}/`, `${whole}/**`] : [...ways, whole]
}

function escaped(name: string): string {
  return name.replace(/[\\*?[\]!# ]/g, '\\$&')
}
