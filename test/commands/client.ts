import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import type { Answered, Ordered } from './server.ts'

/** Of this test file, as long as it runs. */
let server: ChildProcess | undefined
let isBusy = false

/** Runs a command in the server of this test file; undefined where it is busy with another one. */
export async function ordered(order: Ordered): Promise<Answered | undefined> {
  if (isBusy) return undefined
  isBusy = true
  try {
    server ??= startServer()
    return await answerOf(server, order)
  } finally {
    isBusy = false
    release(server)
  }
}

function startServer(): ChildProcess {
  const env = { ...process.env }
  delete env['NODE_TEST_CONTEXT']
  const words = ['--preserve-symlinks', '--preserve-symlinks-main', join(import.meta.dirname, 'server.ts')]
  return spawn(process.execPath, words, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
}

function answerOf(child: ChildProcess, order: Ordered): Promise<Answered> {
  child.ref()
  child.channel?.ref()
  return new Promise((resolve, reject) => {
    const fail = (code: number | null, signal: string | null): void => {
      server = undefined
      reject(new Error(`${order.launcher} ${order.words.join(' ')} ended the process of all commands: ${code ?? signal}`))
    }
    child.once('exit', fail)
    child.once('message', (answer: Answered) => {
      child.off('exit', fail)
      resolve(answer)
    })
    child.send(order)
  })
}

/** The test file ends when its tests have ended, and the server with it. */
function release(child: ChildProcess | undefined): void {
  child?.unref()
  child?.channel?.unref()
}
