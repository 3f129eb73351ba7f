import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Finding } from '../../../src/doctor/finding.ts'
import { execute, newWorld } from '../world.ts'

const world = await newWorld()
after(() => world.end())

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

async function pidThatIsGone(): Promise<string> {
  return (await execute('/bin/sh', ['-c', 'echo $$'], {})).stdout.trim()
}
