import assert from 'node:assert/strict'
import { appendFileSync, chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { SlotReport, StatusReport } from '../../../src/control/protocol.ts'
import { processId } from '../../../src/host/process/proc.ts'
import { bootstrapByPipe, make, mustMake } from '../make-plugin.ts'
import { bootstrap, develop, edit, eventually, newWorld, setKey, type World, writeFile } from '../world.ts'

/** Answers to the general questions, the crontab wanted. */
const WITH_CRONTAB = ['1.0', 'A container', '2', '1', '', '', '']

/**
 * A daemon that writes, when it starts, how many of its kind run then, itself included. Too many can only begin with a start,
 * so the greatest number it ever wrote is the greatest there ever was.
 */
const BAKER = `#!/usr/bin/env python3
import glob, os, signal, sys, time

def same(path):
    try:
        with open(path, "rb") as words:
            return os.fsencode(os.path.abspath(__file__)) in words.read().split(b"\\0")
    except OSError:
        return False

running = sum(same(path) for path in glob.glob("/proc/[0-9]*/cmdline"))
with open("starts.txt", "a") as starts:
    starts.write(f"{os.getpid()} {running}\\n")
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print(f"baking with {sys.argv[1:]} on {os.environ['PATH'].split(':')[0]}")
while True:
    signal.pause()
`

/** Needs half a second to end. */
const WORKER = `
import signal, sys, time
def stop(*_):
    print("TERM: finishing job", flush=True); time.sleep(0.5); print("job saved", flush=True); sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("worker up", flush=True)
while True: time.sleep(0.1)
`

describe('a plugin of the empty template', () => {
  let world: World
  let home: string

  before(async () => {
    world = await newWorld()
    await world.start()
    home = await bootstrapByPipe(world, 'bakery', 'empty', [...WITH_CRONTAB, '4'])
    await mustMake(world, home)
  })
  after(() => world.end())

  test('is served without an app, and make develop says so', async () => {
    assert.match((await mustMake(world, home)).stdout, /bakery runs\. It has no app\./)
    assert.ok(existsSync(join(home, 'crontab')))
    assert.ok(!existsSync(join(home, 'bin')))
    assert.equal((await world.plugin('bakery')).state, 'serving')
  })

  test('has as many processes of a daemon as it says, its own bin on PATH, its output in a log file', async () => {
    writeFile(join(home, 'bin/baker'), BAKER)
    chmodSync(join(home, 'bin/baker'), 0o755)
    appendFileSync(join(home, 'config.ini'), '\n[extra_daemon_oven]\ncmd_and_args=baker --hot\nnumprocesses=2\nmax_age=0\n')
    await ovensRun()
    assert.equal(pids(await ovens()).length, 2)
    const log = join(world.home, 'log/extra_bakery_oven.log')
    await eventually('both have said hello', () => (readFileSync(log, 'utf8').split('\n').length > 2 ? true : undefined))
    assert.match(readFileSync(log, 'utf8'), new RegExp(`^baking with \\['--hot'\\] on ${home}/bin$`, 'm'))
  })

  test('an edited program replaces every process, each ended before the next starts', async () => {
    const old = pids(await ovens())
    edit(join(home, 'bin/baker'), 'baking with', 'baking again with')
    await ovensRun((slots) => slots.every(({ pid }) => pid !== null && !old.includes(pid)))
    assert.deepEqual(
      old.filter((pid) => processId(pid) !== undefined),
      [],
    )
    neverMoreThanTwo()
  })

  test('a process that is killed is replaced, and the other one stays', async () => {
    const [killed = 0, other = 0] = pids(await ovens())
    process.kill(killed, 'SIGKILL')
    await ovensRun((slots) => slots.every(({ pid }) => pid !== killed))
    assert.ok(pids(await ovens()).includes(other))
    neverMoreThanTwo()
  })

  test('the processes outlive a killed mfserv, and the next one starts no further ones', async () => {
    const before = pids(await ovens())
    const { pid } = (await world.status()).daemon
    assert.ok(pid !== null)
    process.kill(pid, 'SIGKILL')
    await eventually('mfserv is gone', () => (processId(pid) === undefined ? true : undefined))
    const starts = startsOf()
    await world.start()
    await ovensRun()
    assert.deepEqual(pids(await ovens()), before)
    assert.deepEqual(startsOf(), starts)
  })

  test('a process that died while no mfserv ran is replaced by the next one', async () => {
    const [killed = 0, other = 0] = pids(await ovens())
    const { pid } = (await world.status()).daemon
    assert.ok(pid !== null)
    process.kill(pid, 'SIGKILL')
    await eventually('mfserv is gone', () => (processId(pid) === undefined ? true : undefined))
    process.kill(killed, 'SIGKILL')
    await world.start()
    await ovensRun((slots) => slots.every((slot) => slot.pid !== killed))
    assert.ok(pids(await ovens()).includes(other))
    neverMoreThanTwo()
  })

  test('max_age replaces them one after the other', async () => {
    const before = await ovens()
    setKey(home, 'max_age', '1')
    // The first new generation is for the new setting.
    await ovensRun((slots) => slots.every(({ generation }, index) => generation >= (before[index]?.generation ?? 0) + 3))
    setKey(home, 'max_age', '0')
    await ovensRun()
    neverMoreThanTwo()
  })

  test('numprocesses=1 ends one, numprocesses=0 both', async () => {
    setKey(home, 'numprocesses', '1')
    await eventually('one is left', async () => ((await ovens()).length === 1 ? true : undefined))
    await ovensRun()
    const left = pids(await ovens())
    setKey(home, 'numprocesses', '0')
    await eventually('none is left', () => (left.every((pid) => processId(pid) === undefined) ? true : undefined))
  })

  test('a daemon that ends at once fails make develop with its last words', async () => {
    const other = await bootstrap(world, 'burnt', 'python3_noweb')
    writeFile(join(other, 'bin/oven'), '#!/bin/sh\necho no gas today\nexit 3\n')
    chmodSync(join(other, 'bin/oven'), 0o755)
    appendFileSync(join(other, 'config.ini'), '\n[extra_daemon_oven]\ncmd_and_args=oven\n')
    const { code, stdout } = await make(world, other)
    assert.notEqual(code, 0)
    assert.match(stdout, /burnt is failing[\s\S]*code 3[\s\S]*no gas today/)
    await world.must('plugins.uninstall', ['burnt'])
  })

  test('of type node runs its daemons with the packages it depends on', async () => {
    const other = await bootstrap(world, 'nodes', 'node_noweb')
    writeFile(join(other, 'own/package.json'), '{ "name": "own", "version": "1.0.0" }')
    writeFile(join(other, 'own/index.js'), 'module.exports = "from a package"')
    edit(join(other, 'package.json'), '"dependencies": {}', '"dependencies": { "own": "file:own" }')
    writeFile(join(other, 'bin/clock.js'), 'console.log(require("own")); setInterval(() => {}, 1000)')
    appendFileSync(join(other, 'config.ini'), '\n[extra_daemon_clock]\ncmd_and_args=node bin/clock.js\n')
    await mustMake(world, other)
    const log = join(world.home, 'log/extra_nodes_clock.log')
    await eventually('it has spoken', () => (readFileSync(log, 'utf8').includes('from a package') ? true : undefined))
  })

  test('ends a daemon behind a script as one without: both finish what they are at when the plugin is restarted', async () => {
    const place = join(world.home, 'dmn')
    writeFile(join(place, '.layerapi2_label'), 'plugin_dmn@mfserv\n')
    const general = '[general]\nversion=0.0.1\nsummary=s\nlicense=l\nurl=http://u\nmaintainer=m\nvendor=v\n'
    const commands = { wrapped: 'run-worker', direct: 'python3 bin/worker.py' }
    const sections = Object.entries(commands).map(([name, line]) => `[extra_daemon_${name}]\ncmd_and_args=${line}\n`)
    writeFile(join(place, 'config.ini'), general + sections.join(''))
    writeFile(join(place, 'bin/worker.py'), WORKER)
    writeFile(join(place, 'bin/run-worker'), '#!/bin/bash\nexport QUEUE=mails\npython3 bin/worker.py\n')
    chmodSync(join(place, 'bin/run-worker'), 0o755)
    await develop(world, place)
    const saidBy = (name: string): string => readFileSync(join(world.home, `log/extra_dmn_${name}.log`), 'utf8')
    for (const name of Object.keys(commands)) {
      await eventually(`${name} is up`, () => (saidBy(name).includes('worker up') ? true : undefined))
    }
    await world.must('plugins.restart', ['dmn'])
    for (const name of Object.keys(commands)) {
      const lines = await eventually(`${name} is up again`, () => {
        const written = saidBy(name).trim().split('\n')
        return written.length === 4 ? written : undefined
      })
      assert.deepEqual(lines, ['worker up', 'TERM: finishing job', 'job saved', 'worker up'], name)
    }
    await world.must('plugins.uninstall', ['dmn'])
  })

  test('asks every process of a daemon that npm started to end, and kills what is left after its graceful_timeout', async () => {
    const place = join(world.home, 'npm')
    writeFile(join(place, '.layerapi2_label'), 'plugin_npm@mfserv\n')
    const general = '[general]\nversion=0.0.1\nsummary=s\nlicense=l\nurl=http://u\nmaintainer=m\nvendor=v\n'
    const section = '[extra_daemon_NAME]\ncmd_and_args=npm run --silent NAME\ngraceful_timeout=1\n'
    writeFile(
      join(place, 'config.ini'),
      general + ['polite', 'stubborn'].map((name) => section.replaceAll('NAME', name)).join(''),
    )
    const scripts = { polite: 'node bin/w.js', stubborn: 'STUBBORN=1 node bin/w.js' }
    writeFile(join(place, 'package.json'), JSON.stringify({ private: true, scripts }))
    const onTerm = "console.log('TERM', process.pid); if (!process.env.STUBBORN) process.exit(0)"
    const code = `console.log('up', process.pid)\nsetInterval(() => {}, 1000)\nprocess.on('SIGTERM', () => { ${onTerm} })\n`
    writeFile(join(place, 'bin/w.js'), code)
    await develop(world, place)
    const saidBy = (name: string): string => readFileSync(join(world.home, `log/extra_npm_${name}.log`), 'utf8')
    const upIn = (name: string): readonly number[] => [...saidBy(name).matchAll(/^up (\d+)$/gm)].map(([, pid]) => Number(pid))
    const before = await eventually('both are up', () => {
      const pids = ['polite', 'stubborn'].flatMap(upIn)
      return pids.length === 2 ? pids : undefined
    })
    await world.must('plugins.restart', ['npm'])
    for (const [index, name] of ['polite', 'stubborn'].entries()) {
      await eventually(`${name} is up again`, () => (upIn(name).length === 2 ? true : undefined))
      assert.match(saidBy(name), new RegExp(`^TERM ${before[index]}$`, 'm'), name)
    }
    assert.deepEqual(before.map(processId), [undefined, undefined])
    await world.must('plugins.uninstall', ['npm'])
  })

  async function ovens(): Promise<readonly SlotReport[]> {
    return slotsOf(await world.status())
  }

  async function ovensRun(isSo: (slots: readonly SlotReport[]) => boolean = () => true): Promise<void> {
    await world.until('the daemons run', (report) => {
      const slots = slotsOf(report)
      return slots.length > 0 && slots.every(({ actual, pid }) => actual === 'ready' && pid !== null) && isSo(slots)
    })
  }

  /** Of every start so far: how many ran then. */
  function startsOf(): readonly number[] {
    const lines = readFileSync(join(home, 'starts.txt'), 'utf8').trim().split('\n')
    return lines.map((line) => Number(line.split(' ')[1]))
  }

  function neverMoreThanTwo(): void {
    assert.equal(Math.max(...startsOf()), 2)
  }
})

function slotsOf({ plugins }: StatusReport): readonly SlotReport[] {
  return plugins.find(({ name }) => name === 'bakery')?.daemons.flatMap(({ slots }) => slots) ?? []
}

function pids(slots: readonly SlotReport[]): readonly number[] {
  return slots.flatMap(({ pid }) => (pid === null ? [] : [pid]))
}
