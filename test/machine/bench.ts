import { execFile } from 'node:child_process'
import type { Guest, Ran } from './guest.ts'

/** One machine on the bench, and who uses it. */
export interface Bench {
  /** The one that runs now. */
  readonly guest: Guest
  /** It is switched off, and a fresh one takes its place. Only what lies on /dev/vdc goes with it. */
  readonly another: () => Promise<void>
  /** Who is logged in. */
  readonly user: string
  /** Where the port of mfserv in the guest is reached from here. */
  readonly port: number
  /** Whether its processor is emulated, a tenth as fast as a real one. */
  readonly isEmulated: boolean
  /** One line for whoever reads the table. */
  readonly tell: (seen: string) => void
}

export interface Step {
  readonly name: string
  /** Throws what is wrong. */
  readonly run: (on: Bench) => Promise<void>
}

export async function must(running: Promise<Ran>): Promise<void> {
  await printed(running)
}

/** What a script printed that has to succeed. */
export async function printed(running: Promise<Ran>): Promise<string> {
  const { code, output } = await running
  if (code === 0) return output
  throw new Error(`it ended with code ${code}:\n${output.split('\n').slice(-25).join('\n')}`)
}

const ANSWERS_WITHIN_S = 120

/** The page must be there at once: the command before it said so. Only the answer itself may take its time. */
export async function mustShow(path: string, text: string, { port }: Bench): Promise<void> {
  const url = `http://127.0.0.1:${port}${path}`
  const words = ['--silent', '--show-error', '--noproxy', '*', '--max-time', String(ANSWERS_WITHIN_S)]
  const { promise, resolve } = Promise.withResolvers<{ readonly stdout: string; readonly stderr: string }>()
  execFile('curl', [...words, '--write-out', '\n%{http_code}', url], (_error, stdout, stderr) => resolve({ stdout, stderr }))
  const { stdout, stderr } = await promise
  const [, body = '', status = ''] = /^([\s\S]*)\n(\d+)$/.exec(stdout) ?? []
  if (status === '200' && body.includes(text)) return
  throw new Error(`GET ${path} is answered with ${status} and without "${text}": ${stderr}\n${body.slice(0, 1000)}`)
}
