import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Finding } from '../../../src/doctor/finding.ts'
import { openRequests } from '../../../src/host/nginx/open-requests.ts'
import { develop, eventually, execute, get, newWorld, writeFile } from '../world.ts'

const world = await newWorld()
after(() => world.end())

// An app that answers only when it is told to.
const GATE = `const { createServer } = require('node:http')
const waiting = []
createServer((request, answer) => {
  if (request.url.endsWith('/open')) for (const one of waiting.splice(0)) one.end('late')
  if (request.url.endsWith('/wait')) waiting.push(answer)
  else answer.end('now')
}).listen(process.argv[2])
`

async function findings(env: Readonly<Record<string, string>> = {}) {
  const { code, stdout } = await world.run('mfserv', ['doctor', '--json'], { env })
  const { findings: found } = JSON.parse(stdout) as { findings: readonly Finding[] }
  return { code, found, about: (about: string) => found.filter((one) => one.about === about) }
}

test('the doctor finds what is wrong with a home that runs, changes nothing, and says how to fix it', async () => {
  await world.must('mfserv.start')
  const well = await findings()
  assert.deepEqual(
    well.found.filter(({ about }) => about === 'home' || about === 'daemon' || about === 'mfserv' || about === 'programs'),
    [],
  )
  const shut = await pidThatIsGone()
  const left = join(world.home, `tmp/config_edit.${shut}-1.abcdef`)
  mkdirSync(left)
  chmodSync(world.home, 0o755)
  const { about } = await findings()
  assert.deepEqual(
    about('home').map(({ severity, fix }) => [severity, fix]),
    [
      ['risk', `chmod -R go-rwx ${world.home}`],
      ['note', `rm -rf ${left}`],
    ],
  )
  for (const { fix } of about('home')) await execute('/bin/sh', ['-c', fix], {})
  assert.deepEqual((await findings()).about('home'), [])
})

test('the doctor works without a daemon and with a configuration that cannot be read, and names who has the port', async () => {
  await world.must('mfserv.stop')
  const other = createServer().listen(world.port)
  writeFileSync(join(world.home, 'config/config.ini'), `[nginx]\nport = ${world.port}\nhttps_port = many\n`)
  const { code, about } = await findings()
  assert.equal(code, 1)
  assert.match(JSON.stringify(about('mfserv')), new RegExp(`https_port is.*port ${world.port} is in use by pid ${process.pid}`))
  assert.deepEqual(
    about('daemon').map(({ severity }) => severity),
    ['note'],
  )
  other.close()
  writeFileSync(join(world.home, 'config/config.ini'), `[nginx]\nport = ${world.port}\nworkers = 2\n`)
  const nowhere = await findings({ MFMODULE_RUNTIME_HOME: '/proc/1/none' })
  assert.deepEqual([nowhere.code, nowhere.about('home')[0]?.severity], [1, 'broken'])
})

test('a drained machine serves, says that it does not, begins no cron job, and tells what is left, over a restart too', async () => {
  const plugin = join(world.home, 'gate')
  writePlugin(plugin)
  await develop(world, plugin)
  await world.must('mfserv.start')
  const waiting = get(`${world.url}/gate/wait`)
  await eventually('the request is under way', async () => ((await left()) === 1 ? true : undefined))
  const first = await world.run('mfserv', ['drain', '--wait', '0', '--json'])
  assert.deepEqual([first.code, JSON.parse(first.stdout).left.requests], [2, 1])
  assert.deepEqual([await health(), (await get(`${world.url}/gate`)).body], [[503, 'DRAINING\n'], 'now'])
  assert.match((await world.run('mfserv', ['cron', 'run', 'gate', '1'])).stderr, /told to drain/)
  const status = await world.run('mfserv.status')
  assert.deepEqual([status.code, /is DRAINING[\s\S]*drain --off/.test(status.stdout)], [5, true])
  const { pid } = (await world.status()).daemon
  process.kill(pid ?? 0, 'SIGKILL')
  await world.run('mfserv.start')
  assert.deepEqual(await health(), [503, 'DRAINING\n'])
  const draining = world.must('mfserv', ['drain', '--wait', '60'])
  await get(`${world.url}/gate/open`)
  assert.match((await draining).stdout, /Nothing is under way any more/)
  assert.equal((await waiting).body, 'late')
  await world.must('mfserv', ['drain', '--off'])
  assert.deepEqual([await health(), (await world.status()).status], [[200, 'OK\n'], 'RUNNING'])
})

async function left(): Promise<number | undefined> {
  return await openRequests({ protocol: 'http:', host: '127.0.0.1', port: world.port })
}

async function health(): Promise<readonly [number, string]> {
  const { status, body } = await get(`${world.url}/__health`)
  return [status, body]
}

function writePlugin(home: string): void {
  const general = 'version=1\nsummary=s\nlicense=l\nurl=http://example.com\nmaintainer=m <m@example.com>\nvendor=v\n'
  writeFile(join(home, '.layerapi2_label'), 'plugin_gate@mfserv\n')
  writeFile(join(home, 'config.ini'), `[general]\n${general}\n[app_gate]\ntype=node\nmain_arg=server.js\nworkers=1\n`)
  writeFile(join(home, 'gate/server.js'), GATE)
  writeFile(join(home, 'crontab'), '0 0 1 1 * true\n')
}

async function pidThatIsGone(): Promise<string> {
  return (await execute('/bin/sh', ['-c', 'echo $$'], {})).stdout.trim()
}
