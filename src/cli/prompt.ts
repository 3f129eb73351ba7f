import { createInterface, type Interface } from 'node:readline'
import { Problem } from '../problem.ts'
import { type Answers, type Asking, answer, ask, promptOf, type Question, withFallbacks } from '../template/questions.ts'
import { terminalText } from '../terminal-text.ts'

export interface Terminal {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
  /** `person`: a wrong answer is asked again. `pipe`: it is an error, and what the input does not answer takes its default. */
  readonly answers: 'person' | 'pipe'
}

/**
 * Asks every question in turn, each answer one line of input. Throws `USAGE` on a wrong answer from a pipe, and when a
 * person ends the input (Ctrl-C, Ctrl-D) before the last answer.
 */
export async function prompt(questions: readonly Question[], terminal: Terminal): Promise<Answers> {
  if (questions.length === 0) return {}
  const person = terminal.answers === 'person'
  const lines = createInterface({ input: terminal.input, ...(person ? { output: terminal.output } : {}), terminal: person })
  const conversation: Conversation = { ...terminal, lines, end: 'open' }
  lines.on('SIGINT', () => {
    conversation.end = 'interrupted'
    lines.close()
  })
  lines.on('close', () => {
    if (conversation.end === 'open') conversation.end = 'ended'
  })
  try {
    return await converse(ask(questions), conversation)
  } finally {
    lines.close()
  }
}

interface Conversation extends Terminal {
  readonly lines: Interface
  /** `ended`: no further input comes, but lines that came before may still be unread. */
  end: 'open' | 'ended' | 'interrupted'
}

async function converse(start: Asking, conversation: Conversation): Promise<Answers> {
  const { output, answers, lines } = conversation
  let asking = start
  let number = 1
  showNext(asking, conversation)
  for await (const line of lines) {
    if (conversation.end === 'interrupted') break
    if (answers === 'pipe') output.write(`${terminalText(line)}\n`)
    const step = answer(asking, line)
    if (step.is === 'taken') {
      asking = step.asking
      number += 1
    } else if (answers === 'person') {
      output.write(`Please answer with ${step.expected}.\n`)
    } else {
      const message = `answer ${number} (${asking.open[0]?.name}) is ${JSON.stringify(line)}`
      throw new Problem('USAGE', message, `Write ${step.expected} in line ${number} of the input, or leave the line empty.`)
    }
    if (asking.open.length === 0) return asking.answers
    showNext(asking, conversation)
  }
  output.write('\n')
  if (answers === 'pipe') {
    output.write(`The input ended: ${asking.open.map(({ name }) => name).join(', ')} keep their defaults.\n`)
    return withFallbacks(asking)
  }
  throw new Problem('USAGE', 'the questions were not answered, so nothing was created', 'Run it again, or add --no-input.')
}

function showNext({ open: [question] }: Asking, { answers, output, lines, end }: Conversation): void {
  if (question === undefined || end === 'interrupted') return
  const text = promptOf(question)
  if (answers === 'pipe' || end === 'ended') {
    output.write(terminalText(text))
    return
  }
  // Readline has to know the last line, or it would wipe it out when the line is edited.
  const last = text.lastIndexOf('\n') + 1
  output.write(terminalText(text.slice(0, last)))
  lines.setPrompt(terminalText(text.slice(last)))
  lines.prompt()
}
