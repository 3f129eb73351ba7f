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

/** What may serve after an interruption, and what has to serve after the next command. */
interface Trial {
  readonly command: Command
  readonly plugin: string
  readonly argv: () => readonly [string, ...string[]]
  readonly before: Body
  readonly wanted: Body
}

const STEPS = documentedSteps()
/**
 * The steps in which the daemon takes part, and one of those that the command does alone: to the others the death of the daemon is
 * the same as to that one. `make soak` has them all.
 */
const DAEMON = /^Unpacking it$|workers|Asking|service|Switching|Deleting/
const WORKERS = 2
const PER_SECOND = 20

describe('kill -9', { concurrency: 2 }, () => {
  for (const victim of ['command', 'daemon'] as const) interruptions(victim)
})

/** In a world of its own: what is interrupted changes back and forth between two states. */
function interruptions(victim: 'command' | 'daemon'): void {
  describe(victim === 'command' ? 'of the command at every step' : 'of the daemon at every step that it takes part in', {
    concurrency: 1,
  }, () => {
    let world: World
    let load: Load
    let one: string
    let two: string
    let withVirtualenv: string
    let count = 0
    /** The release of blog that is in force before a swap. */
    let first = ''

    before(async () => {
      world = await newWorld('[releases]\nwatch_seconds = 0\nkeep = 2\n')
      await world.must('mfserv.start')
      const blog = await sourcesOf(world, 'blog', 'default')
      setKey(blog.home, 'workers', String(WORKERS))
      writeFileSync(join(blog.home, 'postinstall'), POSTINSTALL, { mode: 0o755 })
      one = await blog.release('1.0.0', says('one'))
      two = await blog.release('2.0.0', says('two'))
      withVirtualenv = await blog.release('1.1.0', (home) => {
        says('one')(home)
        writeFile(join(home, 'python3_virtualenv_sources/requirements-to-freeze.txt'), 'six==1.17.0\n')
      })
      await world.must('plugins.install', [one])
      load = startLoad({ url: world.url, paths: ['/blog'], perSecond: PER_SECOND, connections: 'fresh' })
    })
    after(async () => {
      await load.stop()
      await world.end()
    })

    const swap: Trial = {
      command: 'plugins.hotswap',
      plugin: 'blog',
      argv: () => ['plugins.hotswap', fresh(two)],
      before: 'one',
      wanted: 'two',
    }
    const back: Trial = {
      command: 'plugins.rollback',
      plugin: 'blog',
      argv: () => ['plugins.rollback', 'blog', '--to', basename(first)],
      before: 'two',
      wanted: 'one',
    }
    const install: Trial = {
      command: 'plugins.install',
      plugin: 'shop',
      argv: () => ['plugins.install', '--new-name', 'shop', withVirtualenv],
      before: 'none',
      wanted: 'one',
    }
    const uninstall: Trial = {
      command: 'plugins.uninstall',
      plugin: 'shop',
      argv: () => ['plugins.uninstall', 'shop'],
      before: 'one',
      wanted: 'none',
    }

    for (const [there, andBack] of [
      [install, uninstall],
      [swap, back],
    ] as const) {
      const most = Math.max(momentsOf(there).length, momentsOf(andBack).length)
      test(`of ${there.command} and ${andBack.command} leaves one whole version, and the next command goes through`, async () => {
        for (const trial of [there, andBack]) {
          if (trial === there) first = pointer('blog')
          const { code, steps, said } = await follow(world, trial.argv())
          assert.equal(code, 0, said)
          assert.deepEqual(steps, stepsOf(trial), `the steps of ${trial.command} as docs/reference/releases.md has them`)
        }
        for (let moment = 0; moment < most; moment += 1) {
          for (const trial of [there, andBack]) {
            if (trial === there) first = pointer('blog')
            const step = momentsOf(trial)[moment]
            if (step !== undefined) await interrupt(trial, step)
            else await world.must(...asWritten(trial.argv()))
          }
        }
        const failed = load.sent.filter(({ outcome, body }) => outcome !== 200 || !['one', 'two'].includes(body))
        assert.deepEqual(failed.slice(0, 3), [], `${failed.length} of ${load.sent.length} requests failed`)
      })
    }

    /** The steps at which it is killed. */
    function momentsOf(trial: Trial): readonly number[] {
      return [...stepsOf(trial).entries()].flatMap(([step, text]) =>
        IS_SOAK || victim === 'command' || DAEMON.test(text) ? [step] : [],
      )
    }

    async function interrupt(trial: Trial, step: number): Promise<void> {
      const where = `${trial.command} at "${stepsOf(trial)[step]}"`
      const argv = trial.argv()
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
      await wholeVersion(trial, where)
      if (ran.code === 0) assert.equal(await bodyOf(trial.plugin), trial.wanted, `${where} said that it is done`)
      const next = await follow(world, argv)
      assert.ok(next.code === 0 || isDoneAlready(next.said), `the command after ${where}:\n${next.said}`)
      assert.equal(await bodyOf(trial.plugin), trial.wanted, `after the command after ${where}, which ended with ${next.code}`)
      await nothingLeft(trial.plugin, where)
    }

    /** Waits until nothing changes by itself any more, and holds what serves to be one whole version. */
    async function wholeVersion({ plugin, before: old, wanted }: Trial, where: string): Promise<void> {
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

function asWritten([command, ...args]: readonly [string, ...string[]]): readonly [string, readonly string[]] {
  return [command, args]
}

const POSTINSTALL = `#!/bin/sh
if [ -e "$MFMODULE_RUNTIME_HOME/hang" ]; then cd /; touch "$MFMODULE_RUNTIME_HOME/hangs"; sleep 600; fi
exit 0
`

function isWhole({ slots }: { readonly slots: readonly { readonly actual: string }[] }): boolean {
  return slots.length === WORKERS && slots.every(({ actual }) => actual === 'ready')
}

function stepsOf({ command }: Trial): readonly string[] {
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
