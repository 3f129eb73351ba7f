import { execFile } from 'node:child_process'
import type { Guest, Ran } from './guest.ts'

/** One machine on the bench, and who uses it. */
export interface Bench {
  readonly guest: Guest
  /** Who is logged in. */
  readonly user: string
  /** Where the port of mfserv in the guest is reached from here. */
  readonly port: number
}

export interface Step {
  readonly name: string
  /** Throws what is wrong. */
  readonly run: (on: Bench) => Promise<void>
}

/** A page of a plugin, and something that its text holds. */
export interface Page {
  readonly plugin: string
  readonly template: string
  readonly text: string
}

export const PAGES: readonly Page[] = [
  { plugin: 'site', template: 'static', text: '<html' },
  { plugin: 'guide', template: 'flask', text: 'Hello World !' },
  { plugin: 'express', template: 'node', text: 'Hello World express!' },
  { plugin: 'shop', template: 'django', text: 'Hello World from django app' },
]

/** In their order. To add one, add it here: it gets a row of the table, in every suite and for every user. */
export const STEPS: readonly Step[] = [
  { name: 'clone', run: clone },
  { name: 'make run', run: makeRun },
  ...PAGES.flatMap((page): readonly Step[] => [
    { name: `${page.template}: develop`, run: (on) => develop(page, on) },
    { name: `${page.template}: release`, run: (on) => release(page, on) },
    { name: `${page.template}: install`, run: (on) => install(page, on) },
  ]),
  { name: 'reboot', run: ({ guest }) => guest.reboot() },
  { name: 'mfserv.start', run: startAgain },
]

/** A machine whose disk was kept has been started anew: what ran, runs again. */
export async function goOn(on: Bench): Promise<void> {
  await haveTime(on)
  await must(inMfserv('mfserv.start', on))
}

/** On an emulated processor that has to share a busy one, a worker of Python may need minutes until it answers. */
export async function haveTime({ guest, user }: Bench): Promise<void> {
  const file = '"$HOME/metwork/mfserv/config/config.ini"'
  const lines = '\\n[supervisor]\\nstart_timeout = 1800\\n'
  await must(guest.run(user, `grep -q start_timeout ${file} 2>/dev/null || printf '${lines}' >>${file}`))
}

async function clone({ guest, user }: Bench): Promise<void> {
  await must(guest.run('root', 'mkdir -p /srv/in && tar -xf /dev/vdb -C /srv/in && chmod -R a+rX /srv/in'))
  await must(guest.run(user, 'git clone --quiet --branch machine /srv/in/mfserv.bundle mfserv'))
}

async function makeRun(on: Bench): Promise<void> {
  await must(on.guest.run(on.user, 'cd mfserv && make run'))
  await mustShow('/__mfserv/', 'mfserv', on)
  await haveTime(on)
}

async function develop({ plugin, template, text }: Page, on: Bench): Promise<void> {
  const script = `mkdir -p dev && cd dev && { [ -d ${plugin} ] || bootstrap_plugin.py create --template=${template} ${plugin}; } && cd ${plugin} && make develop`
  await must(inMfserv(script, on))
  await mustShow(`/${plugin}/`, text, on)
}

async function release({ plugin }: Page, on: Bench): Promise<void> {
  await must(inMfserv(`cd dev/${plugin} && make release`, on))
}

async function install({ plugin, text }: Page, on: Bench): Promise<void> {
  const file = `$(find "$HOME/dev/${plugin}" -name '${plugin}-*.plugin')`
  await must(inMfserv(`plugins.uninstall ${plugin} && plugins.install "${file}"`, on))
  await mustShow(`/${plugin}/`, text, on)
}

async function startAgain(on: Bench): Promise<void> {
  await must(inMfserv('mfserv.start', on))
  for (const { plugin, text } of PAGES) await mustShow(`/${plugin}/`, text, on)
}

function inMfserv(script: string, { guest, user }: Bench): Promise<Ran> {
  return guest.run(user, `. "$HOME/mfserv/share/profile" && ${script}`)
}

export async function must(running: Promise<Ran>): Promise<void> {
  const { code, output } = await running
  if (code !== 0) throw new Error(`it ended with code ${code}:\n${output.split('\n').slice(-25).join('\n')}`)
}

const ANSWERS_WITHIN_S = 120

/** The page must be there at once: the command before it said so. Only the answer itself may take its time. */
async function mustShow(path: string, text: string, { port }: Bench): Promise<void> {
  const url = `http://127.0.0.1:${port}${path}`
  const words = ['--silent', '--show-error', '--noproxy', '*', '--max-time', String(ANSWERS_WITHIN_S)]
  const { promise, resolve } = Promise.withResolvers<{ readonly stdout: string; readonly stderr: string }>()
  execFile('curl', [...words, '--write-out', '\n%{http_code}', url], (_error, stdout, stderr) => resolve({ stdout, stderr }))
  const { stdout, stderr } = await promise
  const [, body = '', status = ''] = /^([\s\S]*)\n(\d+)$/.exec(stdout) ?? []
  if (status === '200' && body.includes(text)) return
  throw new Error(`GET ${path} is answered with ${status} and without "${text}": ${stderr}\n${body.slice(0, 1000)}`)
}
