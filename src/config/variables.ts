import { Problem, type Where } from '../problem.ts'
import { evaluate } from './names/expression.ts'
import { oldName, presentName } from './names/old-names.ts'
import { didYouMean } from './nearest.ts'

/** More than a person fixes at once. */
const MOST_HINTS = 50

/** What `{{NAME}}` may name: the machine's hardware and the environment. */
export type Variables = Readonly<Record<string, string>>

export interface Rendered {
  readonly text: string
  readonly problems: readonly Problem[]
}

/**
 * Replaces each `{{NAME}}`, with the filters of Jinja that are known here. A name that does not exist reads as empty and is a
 * warning; anything else between the braces is refused.
 * `faults`: how many the file has already. Behind many, none is told what it may have meant: to look for that takes longer than
 * all the rest.
 */
export function render(text: string, variables: Variables, where: Where, faults = 0): Rendered {
  const problems: Problem[] = []
  const lookup = (name: string): string | undefined => {
    const now = presentName(name)
    const found = ownValue(variables, name) ?? ownValue(variables, now)
    if (found !== undefined && now !== name) problems.push(oldName(name, now, where))
    return found
  }
  const named = (inside: string): string => {
    const name = inside.trim()
    const found = evaluate(name, lookup)
    if (found?.is === 'value') return String(found.value)
    if (found?.is === 'unknown' && /^\w+$/.test(found.name))
      problems.push(unknown(found.name, variables, where, faults + problems.length))
    else problems.push(new Problem('INI_BAD_VALUE', `"{{${inside}}}" is not the name of a variable`, 'Write {{NAME}}.', where))
    return ''
  }
  return { text: filled(text, named), problems }
}

/** Braces belong together within one line. Not by a regular expression: of those that nothing closes, it would read the rest of the text for each. */
function filled(text: string, named: (inside: string) => string): string {
  const lines = text.split(/([\n\r\u2028\u2029])/).map((line) => {
    const parts: string[] = []
    let at = 0
    for (let open = line.indexOf('{{'); open >= 0; open = line.indexOf('{{', at)) {
      const close = line.indexOf('}}', open + 2)
      if (close === -1) break
      parts.push(line.slice(at, open), named(line.slice(open + 2, close)))
      at = close + 2
    }
    return parts.join('') + line.slice(at)
  })
  return lines.join('')
}

/** Replaces each `@@@NAME@@@` as well: the older spelling, in the configuration of the module only. */
export function renderModule(text: string, variables: Variables, where: Where): Rendered {
  return render(text.replace(/@@@(\w+)@@@/g, '{{$1}}'), variables, where)
}

function unknown(name: string, variables: Variables, where: Where, faults: number): Problem {
  const hint = faults < MOST_HINTS ? didYouMean(name, Object.keys(variables)) : ''
  const fix = `${hint}Name a variable of the environment, or write the value itself.`
  return new Problem('INI_UNKNOWN_VARIABLE', `there is no variable ${name}, so it reads as empty`, fix, where)
}

function ownValue(variables: Variables, name: string): string | undefined {
  return Object.hasOwn(variables, name) ? variables[name] : undefined
}
