import { Problem, type Where } from '../problem.ts'
import { didYouMean } from './nearest.ts'

/** What `{{NAME}}` may name: the machine's hardware and the environment. */
export type Variables = Readonly<Record<string, string>>

export interface Rendered {
  readonly text: string
  readonly problems: readonly Problem[]
}

/** Replaces each `{{NAME}}`. A name that does not exist reads as empty and is a warning; anything else between the braces is refused. */
export function render(text: string, variables: Variables, where: Where): Rendered {
  const problems: Problem[] = []
  const rendered = text.replace(/\{\{(.*?)\}\}/g, (_all, inside: string) => {
    const name = inside.trim()
    if (/^\w+$/.test(name)) return value(name, variables, where, problems)
    problems.push(new Problem('INI_BAD_VALUE', `"{{${inside}}}" is not the name of a variable`, 'Write {{NAME}}.', where))
    return ''
  })
  return { text: rendered, problems }
}

/** Replaces each `@@@NAME@@@` as well: the older spelling, in the configuration of the module only. */
export function renderModule(text: string, variables: Variables, where: Where): Rendered {
  return render(text.replace(/@@@(\w+)@@@/g, '{{$1}}'), variables, where)
}

function value(name: string, variables: Variables, where: Where, problems: Problem[]): string {
  const found = Object.hasOwn(variables, name) ? variables[name] : undefined
  if (found !== undefined) return found
  const mend = `${didYouMean(name, Object.keys(variables))}Name a variable of the environment, or write the value itself.`
  problems.push(new Problem('INI_UNKNOWN_VARIABLE', `there is no variable ${name}, so it reads as empty`, mend, where))
  return ''
}
