import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { askControl } from '../../../src/control/client.ts'
import { pathsOf } from '../../../src/host/home/paths.ts'
import { type Load, startLoad } from '../../load/client.ts'
import { CLONE, edit, eventually, get, IS_SOAK, newWorld, setKey, type World, writeFile } from '../world.ts'
import { follow, strays } from './interrupted.ts'
import { sourcesOf } from './make-release.ts'

type Command = 'plugins.install' | 'plugins.hotswap' | 'plugins.rollback' | 'plugins.uninstall'
type Body = 'one' | 'two' | 'none'
type Victim = 'command' | 'daemon'

/** A command that is interrupted. What serves after that is what served before, or what is wanted. */
interface Trial {
  readonly command: Command
  readonly plugin: string
  readonly argv: () => readonly [string, ...string[]]
  readonly wanted: Body
}

const STEPS = documentedSteps()
/**
 * At which steps each is killed: at all that differ. The others are the same code, with the same on disk. `make soak` has all.
 * Of the steps that the command does alone the daemon is killed at one: its death is the same to each.
 */
const DIFFERS: Readonly<Record<Victim, Readonly<Record<Command, RegExp>>>> = {
  command: {
    'plugins.install': /^Building|^Starting|^Bringing/,
    'plugins.hotswap': /^(?!Building|Checking its configuration)/,
    'plugins.rollback': /^Checking/,
    'plugins.uninstall': /./,
  },
  daemon: {
    'plugins.install': /^Unpacking|^Bringing/,
    'plugins.hotswap': /^Starting|^Switching|^Waiting/,
    'plugins.rollback': /^Switching/,
    'plugins.uninstall': /^Taking/,
  },
}
const WORKERS = 2
const PER_SECOND = 10

describe('kill -9', { concurrency: 2 }, () => {
  let maker: World
  const files = { one: '', two: '', withVirtualenv: '' }

  before(async () => {
    maker = await newWorld()
    const blog = await sourcesOf(maker, 'blog', 'default')
    setKey(blog.home, 'workers', String(WORKERS))
    writeFileSync(join(blog.home, 'postinstall'), POSTINSTALL, { mode: 0o755 })
    files.one = await blog.release('1.0.0', says('one'))
    files.two = await blog.release('2.0.0', says('two'))
    files.withVirtualenv = await blog.release('1.1.0', (home) => {
      says('one')(home)
      writeFile(join(home, 'python3_virtualenv_sources/requirements-to-freeze.txt'), 'six==1.17.0\n')
    })
  })
  after(() => rmSync(maker.home, { recursive: true, force: true }))

  for (const victim of ['command', 'daemon'] as const) interruptions(victim, files)
})

/** In a world of its own: what is interrupted changes between two states. */
function interruptions(victim: Victim, files: Readonly<Record<'one' | 'two' | 'withVirtualenv', string>>): void {
  describe(victim === 'command' ? 'of the command at every step that differs' : 'of the daemon at every kind of step', {
    concurrency: 1,
  }, () => {
    let world: World
    let load: Load
    let count = 0
    /** The release of blog that was in force before. */
    let previous = ''

    before(async () => {
      world = await newWorld('[releases]\nwatch_seconds = 0\nkeep = 2\n[sandbox]\noff = blog,shop\n')
      await world.must('mfserv.start')
      await world.must('plugins.install', [files.one])
      load = startLoad({ url: world.url, paths: ['/blog'], perSecond: PER_SECOND, connections: 'fresh' })
    })
    after(async () => {
      await load.stop()
      await world.end()
    })

    const swapTo = (wanted: 'one' | 'two'): Trial => {
      const file = fresh(files[wanted])
      return { command: 'plugins.hotswap', plugin: 'blog', argv: () => ['plugins.hotswap', file], wanted }
    }
    const backTo = (wanted: 'one' | 'two'): Trial => ({
      command: 'plugins.rollback',
      plugin: 'blog',
      argv: () => ['plugins.rollback', 'blog', '--to', previous],
      wanted,
    })
    const install: Trial = {
      command: 'plugins.install',
      plugin: 'shop',
      argv: () => ['plugins.install', '--new-name', 'shop', files.withVirtualenv],
      wanted: 'one',
    }
    const uninstall: Trial = {
      command: 'plugins.uninstall',
      plugin: 'shop',
      argv: () => ['plugins.uninstall', 'shop'],
      wanted: 'none',
    }

    test('of plugins.install and plugins.uninstall leaves one whole version, and the next command goes through', async () => {
      if (victim === 'command') for (const trial of [install, uninstall]) await undisturbed(trial)
      const moments = { there: momentsOf(install), back: momentsOf(uninstall) }
      for (let moment = 0; moment < Math.max(moments.there.length, moments.back.length); moment += 1) {
        await interruptOrDo(install, moments.there[moment])
        await interruptOrDo(uninstall, moments.back[moment])
      }
      onlyWholeAnswers()
    })

    test('of plugins.hotswap and plugins.rollback leaves one whole version, and the next command goes through', async () => {
      if (victim === 'command') for (const make of [() => swapTo('two'), () => backTo('one')]) await undisturbed(make())
      for (const make of [swapTo, backTo]) {
        for (const step of momentsOf(make('one'))) {
          const old = await bodyOf('blog')
          await interrupt(make(old === 'one' ? 'two' : 'one'), step)
        }
      }
      onlyWholeAnswers()
    })

    function onlyWholeAnswers(): void {
      const failed = load.sent.filter(({ outcome, body }) => outcome !== 200 || !['one', 'two'].includes(body))
      assert.deepEqual(failed.slice(0, 3), [], `${failed.length} of ${load.sent.length} requests failed`)
    }

    /** It says the documented steps. */
    async function undisturbed(trial: Trial): Promise<void> {
      const inForce = pointer('blog')
      const { code, said } = await plainly(trial.argv())
      const steps = [...said.matchAll(/^- (.*)\.\.\.$/gm)].map(([, step]) => step)
      if (trial.plugin === 'blog') previous = basename(inForce)
      assert.equal(code, 0, said)
      assert.deepEqual(steps, stepsOf(trial), `the steps of ${trial.command} as docs/reference/releases.md has them`)
    }

    /** Without an eye on its process. */
    async function plainly([command, ...args]: readonly [string, ...string[]]): Promise<{ code: number; said: string }> {
      const { code, stderr } = await world.run(command, args)
      return { code, said: stderr }
    }

    async function interruptOrDo(trial: Trial, step: number | undefined): Promise<void> {
      if (step !== undefined) return await interrupt(trial, step)
      const [command, ...args] = trial.argv()
      await world.must(command, args)
    }

    /** The steps at which it is killed. */
    function momentsOf({ command }: Pick<Trial, 'command'>): readonly number[] {
      return [...stepsOf({ command }).entries()].flatMap(([step, text]) =>
        IS_SOAK || DIFFERS[victim][command].test(text) ? [step] : [],
      )
    }

    async function interrupt(trial: Trial, step: number): Promise<void> {
      const where = `${trial.command} at "${stepsOf(trial)[step]}"`
      const argv = trial.argv()
      const inForce = pointer('blog')
      const old = await bodyOf(trial.plugin)
      const { pid: daemon } = (await world.status()).daemon
      const kill = (pid: number): void => void process.kill(victim === 'command' ? pid : (daemon ?? 0), 'SIGKILL')
      // A postinstall that never ends outlives its command: it must be under way when that is killed.
      const hang = join(world.home, 'hang')
      const isHung = victim === 'command' && stepsOf(trial)[step] === 'Running its postinstall'
      if (isHung) writeFile(hang, '')
      const ran = await follow(world, argv, (now, pid) => {
        if (now !== step) return
        if (isHung) void eventually(`${where} hangs`, () => (existsSync(`${hang}s`) ? true : undefined)).then(() => kill(pid))
        else kill(pid)
      })
      for (const file of [hang, `${hang}s`]) rmSync(file, { force: true })
      if (victim === 'daemon') await world.must('mfserv.start')
      await wholeVersion(trial, old, where)
      if (ran.code === 0) assert.equal(await bodyOf(trial.plugin), trial.wanted, `${where} said that it is done`)
      const next = await plainly(argv)
      assert.ok(next.code === 0 || isDoneAlready(next.said), `the command after ${where}:\n${next.said}`)
      assert.equal(await bodyOf(trial.plugin), trial.wanted, `after the command after ${where}, which ended with ${next.code}`)
      await nothingLeft(trial.plugin, where)
      if (trial.plugin === 'blog') previous = basename(inForce)
    }

    /** Waits until nothing changes by itself any more, and holds what serves to be one whole version. */
    async function wholeVersion({ plugin, wanted }: Trial, old: Body, where: string): Promise<void> {
      await settled(where)
      const bodies = await Promise.all(Array.from({ length: 4 }, () => bodyOf(plugin)))
      assert.deepEqual(new Set(bodies).size, 1, `${where}: ${bodies.join()}`)
      assert.ok([old, wanted].includes(bodies[0] ?? 'none'), `${where}: ${bodies[0]} serves`)
    }

    async function settled(where: string): Promise<unknown> {
      // Whoever was killed has told the daemon nothing, and its own look comes a moment later.
      await askControl(pathsOf(world.home).control, 'POST /look')
      return await world.until(`${where}: nothing is under way`, ({ candidates, plugins }) =>
        [...plugins.map(({ state, leaving, apps }) => state === 'serving' && leaving === 0 && apps.every(isWhole))].every(
          (isSettled) => isSettled && candidates.length === 0,
        ),
      )
    }

    async function nothingLeft(plugin: string, where: string): Promise<void> {
      await settled(where)
      const plugins = join(world.home, 'var/plugins')
      const entries = namesIn(join(plugins, '.releases', plugin))
      const directories = entries.filter((name) => !name.endsWith('.json'))
      assert.deepEqual(entries, directories.flatMap((name) => [name, `${name}.json`]).sort(), where)
      const links = namesIn(plugins).filter((name) => name !== '.releases')
      assert.deepEqual(links, (await world.status()).plugins.map(({ name }) => name).sort(), where)
      assert.deepEqual(namesIn(join(world.home, 'var/candidates')), [], where)
      await eventually(`${where}: no process is left over`, async () => ((await strays(world)).length === 0 ? true : undefined))
    }

    async function bodyOf(plugin: string): Promise<Body> {
      const { status, body } = await get(`${world.url}/${plugin}`)
      if (status === 404) return 'none'
      assert.equal(status, 200, body)
      assert.ok(body === 'one' || body === 'two', body)
      return body
    }

    function pointer(plugin: string): string {
      return readlinkSync(join(world.home, 'var/plugins', plugin))
    }

    /** The same plugin in another file, so that it is another release: time stamps of the compression differ. */
    function fresh(file: string): string {
      const bytes = readFileSync(file)
      count += 1
      bytes.writeUInt32LE(count, GZIP_TIME_AT)
      const copy = join(world.home, `fresh-${count}.plugin`)
      writeFileSync(copy, bytes)
      return copy
    }
  })
}

const GZIP_TIME_AT = 4

/** What had been done when it was interrupted is not done again: what serves then is looked at all the same. */
function isDoneAlready(said: string): boolean {
  return /\((PLUGIN_EXISTS|PLUGIN_NOT_FOUND|RELEASE_NOT_FOUND)\)/.test(said)
}

function says(text: Body): (home: string) => void {
  return (home) => edit(join(home, 'main/wsgi.py'), 'Hello World!', text)
}

/** It looks into the runtime home of either plugin, so it is in no sandbox. */
const POSTINSTALL = `#!/bin/sh
if [ -e "$MFMODULE_RUNTIME_HOME/hang" ]; then cd /; touch "$MFMODULE_RUNTIME_HOME/hangs"; sleep 600; fi
exit 0
`

function isWhole({ slots }: { readonly slots: readonly { readonly actual: string }[] }): boolean {
  return slots.length === WORKERS && slots.every(({ actual }) => actual === 'ready')
}

function stepsOf({ command }: Pick<Trial, 'command'>): readonly string[] {
  return STEPS.get(command) ?? []
}

function documentedSteps(): ReadonlyMap<string, readonly string[]> {
  const text = readFileSync(join(CLONE, 'docs/reference/releases.md'), 'utf8')
  const rows = text.matchAll(/^\| `(plugins\.\w+)` \| (.*) \|$/gm)
  return new Map([...rows].map(([, command = '', steps = '']) => [command, steps.split(', ')]))
}

function namesIn(directory: string): readonly string[] {
  return existsSync(directory) ? readdirSync(directory).sort() : []
}
