import type { Read, ReadResult } from '../config/value.ts'
/** One field that is asked for. An empty answer means the fallback, which for a choice is its first value. */
export type Question =
  | { readonly kind: 'text'; readonly name: string; readonly fallback: string; readonly check?: Read<unknown> }
  | {
      readonly kind: 'choice'
      readonly name: string
      readonly choices: readonly string[]
      /** A line for each choice that does not say itself what it means. */
      readonly says?: Readonly<Record<string, string>>
    }

/** A questionnaire under way: what was answered, and what is still to ask, first one first. */
export interface Asking {
  readonly answers: Answers
  readonly open: readonly Question[]
}

export type Step = { readonly is: 'taken'; readonly asking: Asking } | { readonly is: 'wrong'; readonly expected: string }

export function ask(questions: readonly Question[]): Asking {
  return { answers: {}, open: questions }
}

/** What is shown before the answer: `name [default]: `, or the numbered choices. */
export function promptOf(question: Question): string {
  if (question.kind === 'text') return `${question.name} [${question.fallback}]: `
  const width = Math.max(...question.choices.map((choice) => choice.length))
  const lines = question.choices.map((choice, index) => {
    const says = question.says?.[choice]
    return `${index + 1} - ${says === undefined ? choice : `${choice.padEnd(width)}  ${says}`}`
  })
  return [`Select ${question.name}:`, ...lines, `Choose from ${numbers(question.choices)} [1]: `].join('\n')
}

/** Takes one line as the answer to the first open question. The answer to a choice is its number or its name; its value is what counts. */
export function answer(asking: Asking, line: string): Step {
  const [question, ...open] = asking.open
  if (question === undefined) return { is: 'taken', asking }
  const read = readAnswer(question, line.trim())
  if ('expected' in read) return { is: 'wrong', expected: read.expected }
  return { is: 'taken', asking: { answers: { ...asking.answers, [question.name]: read.value }, open } }
}

/** The answers with the fallback of everything not asked yet. */
export function withFallbacks(asking: Asking): Answers {
  return { ...asking.answers, ...Object.fromEntries(asking.open.map((question) => [question.name, fallbackOf(question)])) }
}

function readAnswer(question: Question, text: string): ReadResult<string> {
  if (text === '') return { value: fallbackOf(question) }
  if (question.kind === 'choice') {
    const value = /^\d+$/.test(text) ? question.choices[Number(text) - 1] : named(text, question.choices)
    return value === undefined ? { expected: expectedOf(question.choices) } : { value }
  }
  // What a {{VARIABLE}} stands for is known only where the plugin runs.
  const read = text.includes('{{') ? { value: text } : question.check?.(text)
  return read !== undefined && 'expected' in read ? read : { value: text }
}

/** As it is written, in whatever case; and the first letter of yes and no. */
function named(text: string, choices: readonly string[]): string | undefined {
  const word = text.toLowerCase()
  const whole = { y: 'yes', n: 'no' }[word] ?? word
  return choices.filter((choice) => choice.toLowerCase() === whole)[0]
}

function expectedOf(choices: readonly string[]): string {
  return `one of the numbers ${numbers(choices)}, or one of the names ${choices.join(', ')}`
}

function fallbackOf(question: Question): string {
  return question.kind === 'text' ? question.fallback : (question.choices[0] ?? '')
}

function numbers(choices: readonly string[]): string {
  return choices.map((_choice, index) => index + 1).join(', ')
}

export type Answers = Readonly<Record<string, string>>
