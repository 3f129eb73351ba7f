import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { StatusReport } from '../../../src/control/protocol.ts'
import { createPlugin, freePort, get, newWorld, type World, writeFile } from '../world.ts'

const HAS_IPV6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1') === true)

describe('the addresses that nginx listens on', () => {
  let world: World
  let file: string
  let port: number

  before(async () => {
    world = await newWorld()
    file = join(world.home, 'config/config.ini')
    await world.start()
    await createPlugin(world, 'blog', 'static')
  })
  after(() => world.end())

  test('the port is served on every address: IPv4 and, where the machine has it, IPv6', async () => {
    assert.equal((await get(`${world.url}/blog/`)).status, 200)
    if (HAS_IPV6) assert.equal((await get(`http://[::1]:${world.port}/blog/`)).status, 200)
  })

  test('listen names the addresses, and nothing else is served; the URL that people are told is one of them', async () => {
    port = await freePort()
    writeFile(file, `[nginx]\nworkers = 2\nlisten = 127.0.0.2:${port}, 127.0.0.3:${port}\n`)
    await world.until('it is in force', ({ url }) => url === `http://127.0.0.2:${port}`)
    for (const host of ['127.0.0.2', '127.0.0.3']) assert.equal((await get(`http://${host}:${port}/blog/`)).status, 200, host)
    await assert.rejects(get(`http://127.0.0.1:${port}/blog/`))
  })

  test('what nginx cannot change while it runs is told, and what was served goes on', async () => {
    writeFile(file, `[nginx]\nworkers = 2\nlisten = ${port}\n`)
    await refused('PORT_IN_USE', /cannot change that while it runs/)
  })

  test('an address that the machine does not have is named with its line, and what was served goes on', async () => {
    writeFile(file, `[nginx]\nworkers = 2\nlisten = 127.0.0.2:${port}, 192.0.2.77:80\n`)
    await refused('ADDRESS_UNKNOWN', /192\.0\.2\.77:80/)
  })

  async function refused(code: string, why: RegExp): Promise<void> {
    const isIt = (problem: StatusReport['problems'][number]): boolean => problem.code === code
    const { problems, configuration } = await world.until(`${code} is told`, (report) => report.problems.some(isIt))
    const { file: told, line, message = '' } = problems.find(isIt) ?? {}
    assert.deepEqual([told, line, configuration], [file, 3, 'last good'])
    assert.match(message, why)
    assert.equal((await get(`http://127.0.0.2:${port}/blog/`)).status, 200)
  }
})
