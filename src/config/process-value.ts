import { Problem, type ProblemCode, type Where } from '../problem.ts'

/** What Linux takes for one `NAME=value` of an environment, and for one word of a command line, with the NUL behind it. */
const MAX_ARG_STRLEN = 131_072
const UTF_8 = new TextEncoder()

interface Fault {
  readonly message: string
  readonly fix: string
}

/** Why no process can be given `value`, in the variable `name` or as a word of its command line. */
export function processValueFault(name: string, value: string): Fault | undefined {
  if (value.includes('\0')) return nulIn(name)
  const bytes = UTF_8.encode(`${name}=${value}\0`).length
  if (bytes <= MAX_ARG_STRLEN) return undefined
  return {
    message: `${name} is too long for a process: ${bytes} bytes with its name, of at most ${MAX_ARG_STRLEN}`,
    fix: 'Write such a text into a file of the plugin, and the name of the file here.',
  }
}

/** The same as a problem of the line that the value comes from. */
export function processValueProblem(code: ProblemCode, name: string, value: string, where: Where): readonly Problem[] {
  const fault = processValueFault(name, value)
  return fault === undefined ? [] : [new Problem(code, fault.message, fault.fix, where)]
}

export function nulIn(what: string): Fault {
  return {
    message: `${what} holds a NUL character, which no process can be given`,
    fix: 'Remove the character with the code 0; most editors show it as ^@.',
  }
}
