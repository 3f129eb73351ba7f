import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, statSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { StatusReport } from '../../../src/control/protocol.ts'
import { pathsOf } from '../../../src/host/home/paths.ts'
import { createPlugin, eventually, freePort, get, newWorld, type Ran, type World, writeFile } from '../world.ts'

describe('the last good configuration of the module', () => {
  let world: World
  let file: string
  let right: string
  let plugin: string

  before(async () => {
    world = await newWorld()
    file = join(world.home, 'config/config.ini')
    plugin = await createPlugin(await started(world), 'blog', 'static')
    right = readFileSync(file, 'utf8')
    await eventually('it is kept', () => existsSync(join(pathsOf(world.home).goodConfig, 'source.json')) || undefined)
  })
  after(() => world.end())

  test('with a typo a start serves with the last good one, and the words, --json and the exit code say so', async () => {
    await world.must('mfserv.stop')
    writeFile(file, right.replace('[nginx]', '[nginx]\ntimeout = soon'))
    const started = await world.run('mfserv.start')
    assertLastGood(started, /config\.ini:2 {2}timeout is "soon" {2}\(INI_BAD_VALUE\)\n {2}Write /)
    assertLastGood(await world.run('mfserv.status'), /config\.ini:2 {2}timeout is "soon"/)
    const told = await world.run('mfserv.status', ['--json'])
    const report: StatusReport = JSON.parse(told.stdout)
    assert.deepEqual([told.code, report.status, report.configuration], [2, 'DEGRADED', 'last good'])
    assert.deepEqual(report.because, ['timeout is "soon"'])
    assert.deepEqual(await get(`${world.url}/__health`), { status: 200, body: 'OK\n' })
    await serves()
    writeFile(file, right)
    await world.until('the fixed one is in force', isSound)
    assert.equal((await world.run('mfserv.status')).code, 0)
  })

  test('the same for a mistake in the file of the administrator', async () => {
    const site = join(world.home, 'site/config.ini')
    await world.must('mfserv.stop')
    writeFile(site, '[nginx\n')
    assertLastGood(await world.run('mfserv.start'), new RegExp(site))
    await serves()
    writeFile(site, '')
    await world.until('the fixed one is in force', isSound)
  })

  test('a port in use is left for the last good one, and taken as soon as it is free', async () => {
    const port = await freePort()
    const squatter = createServer()
    await new Promise<void>((resolve) => squatter.listen(port, '0.0.0.0', resolve))
    try {
      await world.must('mfserv.stop')
      writeFile(file, right.replace(`${world.port}`, `${port}`))
      assertLastGood(
        await world.run('mfserv.start'),
        new RegExp(`port ${port} is in use by pid ${process.pid} .*\\(PORT_IN_USE\\)`),
      )
      await serves()
      await new Promise((resolve) => squatter.close(resolve))
      await world.until('the new port is taken', (report) => isSound(report) && report.url === `http://localhost:${port}`)
      assert.equal((await get(`http://127.0.0.1:${port}/blog/`)).status, 200)
    } finally {
      squatter.close()
      writeFile(file, right)
      await world.until('the old port is back', (report) => isSound(report) && report.url === `http://localhost:${world.port}`)
    }
  })

  test('a key that does not belong to its certificate: what served goes on, also when only the files were exchanged', async () => {
    const https = await freePort()
    const at = (name: string): string => join(world.home, name)
    const own = selfSigned(at('own'))
    const strange = selfSigned(at('strange'))
    const text = `${right}https_port = ${https}\nssl_certificate = ${own.certificate}\nssl_certificate_key = ${own.key}\n`
    writeFile(file, text)
    await eventually('https is served', async () => answersTls(https) || undefined)
    await world.until('all is well', isSound)
    // nginx serves it a moment before it is kept.
    await eventually('it is kept', () => kept(world).includes(JSON.stringify(text)) || undefined)
    await world.must('mfserv.stop')

    writeFile(file, text.replace(own.key, strange.key))
    assertLastGood(await world.run('mfserv.start'), /config\.ini:\d+ {2}\[nginx\] the key .*strange\.key does not belong to /)
    assert.ok(answersTls(https))
    await serves()
    await world.must('mfserv.stop')

    writeFile(file, text)
    const rightKey = readFileSync(own.key, 'utf8')
    writeFile(own.key, readFileSync(strange.key, 'utf8'))
    const { code, stdout } = await world.run('mfserv.start')
    assert.equal(code, 2, stdout)
    assert.match(
      stdout,
      /config\.ini:\d+ {2}\[nginx\] the key .*own\.key does not belong to .*\n.*\n.*The certificate from before stays/,
    )
    assert.ok(answersTls(https))
    writeFile(own.key, rightKey)
    await world.until('the fixed files are taken', isSound)
    writeFile(file, right)
    await eventually('https is gone', async () => !answersTls(https) || undefined)
    await world.until('all is well', isSound)
  })

  test('what is kept can be read by nobody else', () => {
    const kept = pathsOf(world.home).goodConfig
    assert.equal(statSync(kept).mode & 0o777, 0o700)
    assert.deepEqual(readdirSync(kept).sort(), ['source.json'])
    for (const name of readdirSync(kept)) assert.equal(statSync(join(kept, name)).mode & 0o777, 0o600, name)
  })

  test('a file that is written piece by piece is not applied by halves, whether it stays open or not', async () => {
    const text = `${right.replace('workers = 2', 'workers = 1')}[plugin_blog]\ngreeting = hello\n`
    for (const [kind, wanted] of [
      ['open', text],
      ['closed', right],
    ] as const) {
      const seen = watchModule(world)
      await slowly(file, wanted, kind)
      await eventually('it is in force as a whole', () => kept(world).includes(JSON.stringify(wanted)) || undefined)
      const { urls, failed } = await seen()
      assert.deepEqual([urls, failed], [[`http://localhost:${world.port}`], 0], kind)
    }
  })

  test('overrides that are written piece by piece are not applied by halves', async () => {
    const overrides = join(world.home, 'config/plugins/blog.ini')
    const first = '[custom]\none = 1\ntwo = 2\n[app_main]\nprefix_based_routing_extra_routes = /other\n'
    writeFile(join(plugin, 'config.ini'), `${readFileSync(join(plugin, 'config.ini'), 'utf8')}\n[custom]\none = 0\ntwo = 0\n`)
    writeFile(overrides, first)
    const custom = async (): Promise<string> => {
      const { stdout } = await world.must('plugin_wrapper', ['blog', '--', 'env'])
      return stdout
    }
    await eventually('they count', async () => (await custom()).includes('CUSTOM_TWO=2') || undefined)
    // A file is only compared with what the daemon has taken from it.
    await eventually('the daemon has them', async () => (await get(`${world.url}/other/`)).status === 200 || undefined)
    const log = join(world.home, 'log/mfserv.log')
    const before = statSync(log).size
    await slowly(overrides, '[custom]\none = 11\nthree', 'closed')
    await delay(300)
    assert.doesNotMatch(
      readFileSync(log, 'utf8').slice(before),
      /blog\.ini/,
      'the last piece is missing: nothing is said of it yet',
    )
    writeFile(overrides, first)
  })

  async function serves(): Promise<void> {
    assert.equal((await get(`${world.url}/blog/`)).status, 200)
  }
})

test('a first start ever with mistakes in the configuration fails with every one of them', async (t) => {
  const world = await newWorld('timeout = soon\nkeepalive = 1\n')
  t.after(world.end)
  const { code, stderr } = await world.run('mfserv.start')
  assert.equal(code, 1)
  assert.match(stderr, /config\.ini:4 .*\(INI_BAD_VALUE\)[\s\S]*config\.ini:5 .*\(INI_UNKNOWN_KEY\)/)
})

function assertLastGood({ code, stdout }: Ran, because: RegExp): void {
  assert.equal(code, 2, stdout)
  assert.match(stdout, /is DEGRADED/)
  assert.match(stdout, /the last good configuration is in force/)
  assert.match(stdout, because)
}

function isSound({ status, configuration }: StatusReport): boolean {
  return status === 'RUNNING' && configuration === 'as written'
}

async function started(world: World): Promise<World> {
  await world.must('mfserv.start')
  return world
}

function kept(world: World): string {
  return readFileSync(join(pathsOf(world.home).goodConfig, 'source.json'), 'utf8')
}

function selfSigned(at: string): { readonly certificate: string; readonly key: string } {
  const files = { certificate: `${at}.crt`, key: `${at}.key` }
  const subject = ['-subj', '/CN=localhost', '-days', '2', '-nodes', '-newkey', 'rsa:2048']
  execFileSync('openssl', ['req', '-x509', ...subject, '-keyout', files.key, '-out', files.certificate], { stdio: 'ignore' })
  return files
}

function answersTls(port: number): boolean {
  try {
    execFileSync('openssl', ['s_client', '-connect', `127.0.0.1:${port}`], { input: '', stdio: ['pipe', 'ignore', 'ignore'] })
    return true
  } catch {
    return false
  }
}

/** Empties a file and writes it again line by line, over two seconds. */
async function slowly(file: string, text: string, kind: 'open' | 'closed'): Promise<void> {
  const pieces = text.split(/(?<=\n)/)
  const writer = openSync(file, 'w')
  if (kind === 'closed') closeSync(writer)
  for (const piece of pieces) {
    await delay(2000 / pieces.length)
    const target = kind === 'open' ? writer : openSync(file, 'a')
    writeSync(target, piece)
    if (kind === 'closed') closeSync(target)
  }
  if (kind === 'open') closeSync(writer)
}

/** Asks for the page and the status all the time; what it is called with the URLs that were told, and how often there was no page. */
function watchModule(world: World): () => Promise<{ readonly urls: readonly (string | undefined)[]; readonly failed: number }> {
  const urls = new Set<string | undefined>()
  let failed = 0
  let isOver = false
  const watching = (async () => {
    while (!isOver) {
      urls.add((await world.status()).url)
      const answer = await get(`${world.url}/blog/`).catch(() => ({ status: 0 }))
      if (answer.status !== 200) failed += 1
      await delay(20)
    }
  })()
  return async () => {
    isOver = true
    await watching
    return { urls: [...urls], failed }
  }
}
