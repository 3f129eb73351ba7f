import assert from 'node:assert/strict'
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { PluginReport } from '../../../src/control/protocol.ts'
import { sandboxFacts } from '../../../src/host/sandbox/probe.ts'
import { GENERAL, writtenPlugin } from '../make-plugin.ts'
import { CLONE, develop, eventually, get, newWorld, type World, writeFile } from '../world.ts'

const APP = '[app_main]\ntype=node\nmain_arg=server.js\nworkers=1\n'
/** Answers with what came of its attempts, and does the same in a daemon and in a cron job. */
const SERVER = `const { attempts } = require('../attempts.cjs')
require('node:http').createServer(async (request, response) => {
  const { searchParams } = new URL(request.url, 'http://x')
  const asked = searchParams.get('facts')
  response.end(asked === null ? 'Hello' : JSON.stringify(await attempts(JSON.parse(asked))))
}).listen(process.argv[2])
`
const ASIDE = `const fs = require('node:fs')
const data = process.env.MFSERV_CURRENT_PLUGIN_DATA_DIR
const run = async () => {
  if (!fs.existsSync(data + '/facts')) return
  const found = await require('./attempts.cjs').attempts(JSON.parse(fs.readFileSync(data + '/facts', 'utf8')))
  fs.writeFileSync(data + '/.' + process.argv[2], JSON.stringify(found))
  fs.renameSync(data + '/.' + process.argv[2], data + '/' + process.argv[2])
}
run()
if (process.argv[2] === 'daemon') fs.watch(data, run)
`

interface Outcome {
  readonly wrong: Readonly<Record<string, string>>
  readonly signals: Readonly<Record<string, string>>
  readonly right: Readonly<Record<string, string>>
  readonly network: Readonly<Record<string, string>>
  readonly capabilities: string
  readonly noNewPrivileges: string
}

describe('a plugin in its sandbox', () => {
  let world: World
  let outside: string
  let facts: string
  const data = (name: string): string => join(world.home, 'var/data/thief', name)
  const pidOf = ({ apps }: PluginReport): number => apps[0]?.slots[0]?.pid ?? 0
  const ask = async (plugin: string): Promise<Outcome> =>
    JSON.parse((await get(`${world.url}/${plugin}/main/?facts=${encodeURIComponent(facts)}`)).body)

  before(async () => {
    world = await newWorld('[sandbox]\nlevel = home\n')
    outside = mkdtempSync(join(tmpdir(), 'mf'))
    writeFile(join(outside, 'secret'), 'x')
    await world.start()
    const files = { 'main/server.js': SERVER, 'aside.js': ASIDE }
    for (const [name, config] of [
      ['neighbour', APP],
      ['thief', `${APP}[extra_daemon_aside]\ncmd_and_args=node {plugin_dir}/aside.js daemon\n`],
      ['quiet', APP],
    ] as const) {
      const general = name === 'quiet' ? `${GENERAL}sandbox=strict\n` : GENERAL
      const home = writtenPlugin(world, name, { ...files, 'config.ini': `${general}${config}` })
      copyFileSync(join(CLONE, 'test/system/sandbox/attempts.cjs'), join(home, 'attempts.cjs'))
      if (name === 'thief') {
        writeFile(join(home, 'crontab'), '0 0 1 1 * node {{MFSERV_CURRENT_PLUGIN_DIR}}/aside.js cron\n')
        writeFile(join(home, 'postinstall'), '#!/bin/sh\nnode aside.js postinstall\n')
        chmodSync(join(home, 'postinstall'), 0o755)
      }
      await develop(world, home)
    }
    writeFile(join(world.home, 'var/data/neighbour/secret'), 'x')
    writeFile(join(world.home, 'config/keys/private'), 'x')
    writeFile(join(world.home, 'tmp/neighbour/secret'), 'x')
    const { daemon, nginx } = await world.status()
    facts = JSON.stringify({
      home: world.home,
      daemon: daemon.pid,
      nginx: nginx.pid,
      neighbour: pidOf(await world.plugin('neighbour')),
      outside: join(outside, 'secret'),
      url: `${world.url}/neighbour/main/`,
    })
  })
  after(async () => {
    await world.end()
    rmSync(outside, { recursive: true })
  })

  test('reaches nothing of another plugin, of mfserv or of its user, and everything of its own', async () => {
    expectKept(await ask('thief'), 'done')
    const { sandbox } = await world.plugin('thief')
    assert.equal(sandbox, 'home')
  })

  test('no more does its daemon, nor its cron job', async () => {
    writeFile(data('facts'), facts)
    await world.must('mfserv', ['cron', 'run', 'thief', '1'])
    for (const name of ['daemon', 'cron']) {
      await eventually(`the ${name} has tried`, () => (existsSync(data(name)) ? true : undefined))
      expectKept(JSON.parse(readFileSync(data(name), 'utf8')), 'done')
    }
  })

  test('nor does its postinstall at an installation, which has no network', async () => {
    writeFile(join(world.home, 'var/data/other/facts'), facts)
    await world.must('_plugins.release', [], { in: join(world.home, 'thief') })
    const [file = ''] = readdirSync(join(world.home, 'thief')).filter((name) => name.endsWith('.plugin'))
    const { code, stderr } = await world.run('plugins.install', ['--new-name=other', join(world.home, 'thief', file)])
    const outcome: Outcome = JSON.parse(readFileSync(join(world.home, 'var/data/other/postinstall'), 'utf8'))
    // It may make links, and one that nginx would follow to what is hidden keeps it from being installed.
    const { 'its files leading elsewhere': led, ...wrong } = outcome.wrong
    expectKept({ ...outcome, wrong }, 'refused')
    assert.deepEqual([led, code], ['done', 1])
    assert.match(stderr, /main\/led {2}postinstall made a link to what the sandbox hides.*\(POSTINSTALL_FAILED\)/)
  })

  test('that is strict has no network either', async () => {
    expectKept(await ask('quiet'), 'refused')
    assert.match((await world.must('mfserv.status')).stdout, /^ {2}sandbox {2}home; strict: quiet$/m)
  })
})

function expectKept(outcome: Outcome, network: 'done' | 'refused'): void {
  const { wrong, signals, right } = outcome
  assert.deepEqual(notBeginning(wrong, 'refused'), [])
  assert.deepEqual(notBeginning(signals, sandboxFacts().keepsSignals ? 'refused: EPERM' : 'done'), [])
  assert.deepEqual(notBeginning(right, 'done'), [])
  assert.deepEqual(notBeginning(outcome.network, network), [])
  assert.deepEqual([Number(`0x${outcome.capabilities}`), outcome.noNewPrivileges], [0, '1'])
}

function notBeginning(outcomes: Readonly<Record<string, string>>, expected: string): readonly string[] {
  return Object.entries(outcomes).flatMap(([name, outcome]) => (outcome.startsWith(expected) ? [] : [`${name}: ${outcome}`]))
}
