import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { execute, type Ran } from '../world.ts'

/** A runtime home whose commands, daemon and visitors have no interface but loopback, and no cache. */
export interface OfflineMachine {
  readonly home: string
  /** Runs a command of `bin/`, which must succeed. */
  readonly must: (command: string, args?: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Ran>
  /** Follows redirections; `path` is where they led. */
  readonly visit: (path: string) => Promise<Visit>
  readonly end: () => Promise<void>
}

export interface Visit {
  readonly status: number
  readonly path: string
  readonly type: string
  readonly body: string
}

/** What the process in the namespace is asked, and what it answers: a text in JSON. */
export type Asked =
  | {
      readonly is: 'run'
      readonly command: string
      readonly args: readonly string[]
      readonly env: Readonly<Record<string, string>>
    }
  | { readonly is: 'visit'; readonly path: string }
export interface Question {
  readonly id: number
  readonly asked: Asked
}
export interface Answer {
  readonly id: number
  readonly text?: string
  readonly error?: string
}

/** An ordinary user needs a namespace for users as well. */
const UNSHARE = process.getuid?.() === 0 ? ['-n'] : ['-r', '-n']

/** Why this user cannot have a network namespace; false when they can. */
export async function noNamespaces(): Promise<string | false> {
  const { code, stderr } = await execute('unshare', [...UNSHARE, 'true'], {})
  return code === 0 ? false : `this user may not make a network namespace: ${stderr.trim()}`
}

/** Starts a process in a network namespace of its own that does what it is asked; it ends with `end`, or with this process. */
export async function offlineMachine(): Promise<OfflineMachine> {
  const inside = fork(join(import.meta.dirname, 'offline-inside.ts'), {
    execPath: 'unshare',
    execArgv: [...UNSHARE, process.execPath],
  })
  const exited = once(inside, 'exit')
  const waiting = new Map<number, (answer: Answer) => void>()
  inside.on('message', (answer: Answer) => waiting.get(answer.id)?.(answer))
  inside.once('exit', (code) => {
    for (const [id, tell] of waiting) tell({ id, error: `the process in the namespace ended with ${code}` })
  })
  const answerTo = async (id: number): Promise<string> => {
    const { promise, resolve } = Promise.withResolvers<Answer>()
    waiting.set(id, resolve)
    const { text, error } = await promise
    waiting.delete(id)
    if (text === undefined) throw new Error(error)
    return text
  }
  let count = 0
  const ask = (asked: Asked): Promise<string> => {
    count += 1
    const answer = answerTo(count)
    inside.send({ id: count, asked } satisfies Question)
    return answer
  }
  const { home }: { readonly home: string } = JSON.parse(await answerTo(0))
  return {
    home,
    must: async (command, args = [], env = {}) => {
      const ran: Ran = JSON.parse(await ask({ is: 'run', command, args, env }))
      if (ran.code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${ran.code}\n${ran.stdout}${ran.stderr}`)
      return ran
    },
    visit: async (path) => JSON.parse(await ask({ is: 'visit', path })),
    end: async () => {
      inside.disconnect()
      await exited
    },
  }
}
