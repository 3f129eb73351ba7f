import { type Bench, must, mustShow, type Step } from './bench.ts'
import type { Ran } from './guest.ts'

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
