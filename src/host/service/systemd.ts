import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Whose systemd is asked: that of the machine, or that of the user who asks. */
export type Scope = 'system' | 'user'

export interface Answer {
  readonly code: number
  readonly output: string
}

/** Whether systemd runs this machine; it may be installed where something else does. */
export function isBooted(): boolean {
  return existsSync('/run/systemd/system')
}

/** Runs systemctl, however long it takes. It asks for no password. */
export function systemctl(scope: Scope, words: readonly string[]): Promise<Answer> {
  const of = scope === 'user' ? ['--user'] : []
  return run('systemctl', [...of, '--no-ask-password', ...words], scope === 'user' ? userEnvironment() : process.env)
}

/** Runs a program of the system. Code 127 when it is not there. */
export function run(program: string, words: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>()
  const child = spawn(program, words, {
    env: { ...env, LC_ALL: 'C.UTF-8', SYSTEMD_PAGER: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  child.on('error', ({ message }) => resolve({ code: 127, output: message }))
  child.on('close', (code) => resolve({ code: code ?? 1, output: output.trim() }))
  return promise
}

/** `su` and `sudo` leave out where the systemd of the user is. */
function userEnvironment(): NodeJS.ProcessEnv {
  const usual = `/run/user/${process.getuid?.() ?? 0}`
  return process.env['XDG_RUNTIME_DIR'] === undefined && existsSync(usual)
    ? { ...process.env, XDG_RUNTIME_DIR: usual }
    : process.env
}
