import assert from 'node:assert/strict'
import { copyFileSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Swapped } from '../../../src/operations/release/hotswap.ts'
import type { Receipt } from '../../../src/receipt/receipt.ts'
import { type Load, type Sent, startLoad } from '../../load/client.ts'
import { answersTo, bootstrapByPipe } from '../make-plugin.ts'
import { IS_SOAK, newWorld, setKey, type World, writeFile } from '../world.ts'
import { follow } from './interrupted.ts'
import { releaseSources } from './make-release.ts'

/** Enough for a judgement that is sure. */
const PER_SECOND = IS_SOAK ? 100 : 40
const WORKERS = 4
/** The number of the step that watches, from 0: there is no postinstall. */
const WATCHING = 8
/** What a busy machine does to the latency of a good version is far below. */
const FLOOR_MS = 500
const SLOW_MS = 1500

/** What each version does before it answers with its name. */
const DOES: Readonly<Record<string, string>> = {
  old: '',
  good: '',
  // Every third request: chance decides nothing.
  fails: 'if ((globalThis.asked = (globalThis.asked ?? 0) + 1) % 3 === 0) return response.writeHead(500).end("fails")',
  slow: `await new Promise((resolve) => setTimeout(resolve, ${SLOW_MS}))`,
  dies: 'setTimeout(() => process.exit(7), 1000)',
}

/** What else distinguishes one of them. */
const CHANGES: Readonly<Record<string, (home: string) => void>> = {
  fragment: (home) => {
    setKey(home, 'extra_nginx_conf_filename', 'fragment.conf')
    writeFile(join(home, 'fragment.conf'), 'no_such_directive on;\n')
  },
}

/** An application that says its version, after what `does` does; requests for other paths than /blog/x are well. */
function application(version: string, does: string): string {
  return `const server = require('node:http').createServer(async (request, response) => {
  if (request.url === '/blog/x') {
    ${does}
  }
  request.resume()
  response.end('${version}')
})
server.listen({ path: process.argv[2], backlog: 1024 })
process.once('SIGTERM', () => server.close(() => process.exit(0)))
`
}

describe(`a version that is worse, at ${PER_SECOND} requests a second`, () => {
  let world: World
  let load: Load
  const files = new Map<string, string>()

  before(async () => {
    world = await newWorld(`[releases]\nwatch_seconds = 2\nwatch_latency_floor_ms = ${FLOOR_MS}\n`)
    await world.must('mfserv.start')
    const home = await bootstrapByPipe(world, 'blog', 'node', answersTo('node', 'node', WORKERS))
    writeFile(join(home, 'package.json'), '{"name": "blog", "private": true}\n')
    for (const [index, version] of [...Object.keys(DOES), ...Object.keys(CHANGES)].entries()) {
      const change = (scratch: string): void => {
        writeFile(join(scratch, 'blog/server.js'), application(version, DOES[version] ?? 'pass'))
        CHANGES[version]?.(scratch)
      }
      files.set(version, await releaseSources(world, home, `1.${index}`, change))
    }
    await world.must('plugins.install', [fileOf('old')])
    load = startLoad({ url: world.url, paths: ['/blog/x'], perSecond: PER_SECOND, connections: 'mixed' })
    // A comparison is as sure as what it knows of the version before; the first second after an installation is not counted.
    await load.further(4 * PER_SECOND)
  })
  after(async () => {
    await load.stop()
    await world.end()
  })

  test('is taken back by itself when it answers 500 to a part of its requests, before the time to watch it is over', async () => {
    const { receipt, sent } = await swap('fails', ['--watch', '600'], 1)
    assert.equal(receipt.outcome.is, 'went-back')
    const failed = sent.filter(({ outcome }) => outcome === 500).length
    assert.ok(receipt.during.failed >= failed * 0.9, `the receipt has ${receipt.during.failed} of ${failed} failures`)
    assert.match(because(receipt), /requests failed \(\d+ with 500\), \d+\.\d % against 0\.0 % before/)
    assert.ok(
      sent.some(({ body }) => body === 'fails'),
      'it served for a while',
    )
    await servesOld()
  })

  test('is taken back by itself when it is much slower', async () => {
    const { receipt, sent } = await swap('slow', ['--watch', '3'], 1)
    assert.equal(receipt.outcome.is, 'went-back')
    assert.match(because(receipt), /half of the requests took 1\d\d\d ms or longer, against \d+ ms before/)
    assert.ok(
      sent.some(({ body }) => body === 'slow'),
      'it served for a while',
    )
    await servesOld()
  })

  test('stays out when its file stands in the site directory', async () => {
    const file = join(world.home, 'site/plugins/blog.plugin')
    mkdirSync(dirname(file), { recursive: true })
    copyFileSync(fileOf('slow'), file)
    const ran = await world.run('mfserv', ['provision'])
    rmSync(file)
    assert.equal(ran.code, 1, ran.stderr)
    assert.match(ran.stdout, /^blog: .* is left out: it was taken back on .*: .*half of the requests took/s)
    assert.ok(ran.stdout.includes(`plugins.hotswap ${file}`), ran.stdout)
    await servesOld()
  })

  test('is taken back by itself when its workers end again and again', async () => {
    const { receipt } = await swap('dies', ['--watch', '600'], 1)
    assert.equal(receipt.outcome.is, 'went-back')
    assert.match(because(receipt), /its workers ended \d+ times by themselves: it exited with code 7|failed/)
    await servesOld()
  })

  test('is taken back when the command is interrupted while it watches', async () => {
    const told = await follow(world, ['plugins.hotswap', '--watch', '600', fileOf('good')], (step, pid) => {
      if (step === WATCHING) process.kill(pid, 'SIGINT')
    })
    assert.equal(told.code, 1, told.said)
    const history: readonly Receipt[] = JSON.parse((await world.must('plugins.history', ['blog', '--json'])).stdout)
    assert.match(because(history.at(-1) ?? assert.fail('no receipt')), /was interrupted/)
    await servesOld()
  })

  test('is refused before anything changes when nginx would not take its fragment', async () => {
    const from = load.sent.length
    const ran = await world.run('plugins.hotswap', [fileOf('fragment')])
    assert.equal(ran.code, 1)
    assert.match(ran.stderr, /was not taken:[\s\S]*unknown directive "no_such_directive"[\s\S]*\(RELEASE_FAILED\)/)
    await load.further(PER_SECOND)
    assert.deepEqual([...new Set(load.sent.slice(from).map(({ body }) => body))], ['old'])
    await servesOld()
  })

  test('never comes into force when it is a canary', async () => {
    const pointer = (): number => lstatSync(join(world.home, 'var/plugins/blog')).ino
    const inForce = pointer()
    const { receipt, sent } = await swap('fails', ['--canary', '25', '--canary-seconds', '3'], 1)
    assert.equal(receipt.outcome.is, 'failed')
    assert.match(because(receipt), /as a canary it was worse: .* failed \(\d+ with 500\)/)
    assert.ok((receipt.canary?.failed ?? 0) > 0)
    assert.equal(pointer(), inForce, 'the pointer to the release in force was renamed')
    assert.ok(sent.filter(isOfNew).length < sent.length / 2)
    await servesOld()
  })

  test('is none when it is as good: as a canary it gets about its share, and then it comes into force', async () => {
    const { receipt, sent } = await swap('good', ['--canary', '25', '--canary-seconds', '5', '--watch', '0'], 0)
    const { requests = 0, seconds = 0 } = receipt.canary ?? {}
    const share = requests / (PER_SECOND * seconds)
    assert.ok(share > 0.1 && share < 0.4, `a share of ${share}`)
    assert.ok(sent.filter(({ body }) => body === 'good').length >= requests)
    assert.deepEqual(await answers(), ['good'])
  })

  test('is not judged by what nginx answers for it: it comes into force in maintenance, and in a pause', async () => {
    for (const [begin, end, version] of [
      [['plugins.maintenance', 'on'], ['plugins.maintenance', 'off'], 'old'],
      [['plugins.pause'], ['plugins.resume'], 'good'],
    ] as const) {
      await load.further(2 * PER_SECOND)
      const [began, ...on] = begin
      const [ended, ...off] = end
      await world.must(began, ['blog', ...on])
      const { stdout } = await world.must('plugins.hotswap', ['--watch', '3', '--json', fileOf(version)])
      assert.equal((JSON.parse(stdout) as Swapped).replaced.is, 'replaced')
      await world.must(ended, ['blog', ...off])
      assert.deepEqual(await answers(), [version])
    }
  })

  /** Swaps under load, and holds the client to it: nothing failed but what the new version answered itself. */
  async function swap(
    version: string,
    options: readonly string[],
    code: number,
  ): Promise<{ readonly receipt: Receipt; readonly sent: readonly Sent[] }> {
    const from = load.sent.length
    const ran = await world.run('plugins.hotswap', [...options, '--json', fileOf(version)])
    assert.equal(ran.code, code, ran.stdout + ran.stderr)
    await load.further(PER_SECOND)
    const sent = load.sent.slice(from)
    const lost = sent.filter((one) => one.outcome !== 200 && !isOfNew(one) && version !== 'dies')
    assert.deepEqual(lost.slice(0, 5), [], `${lost.length} of ${sent.length} failed`)
    if (version !== 'fails' && version !== 'dies') assert.deepEqual(sent.filter(({ outcome }) => outcome !== 200).slice(0, 5), [])
    const history: readonly Receipt[] = JSON.parse((await world.must('plugins.history', ['blog', '--json'])).stdout)
    const receipt = history.at(-1) ?? assert.fail('no receipt')
    if (code === 0) assert.equal((JSON.parse(ran.stdout) as Swapped).replaced.is, 'replaced')
    else assert.ok(`${ran.stdout}${ran.stderr}`.includes(JSON.stringify(because(receipt)).slice(1, 60)), ran.stdout + ran.stderr)
    return { receipt, sent }
  }

  async function servesOld(): Promise<void> {
    assert.deepEqual(await answers(), ['old'])
    const kept = readdirSync(join(world.home, 'var/plugins/.releases/blog')).filter((name) => !name.endsWith('.json'))
    assert.deepEqual(
      kept.map((name) => name.split('-')[0]),
      ['1.0'],
    )
    await world.until('its workers have ended', ({ candidates, plugins }) => {
      return candidates.length === 0 && plugins.every(({ leaving, state }) => leaving === 0 && state === 'serving')
    })
  }

  /** What those who come now are answered. */
  async function answers(): Promise<readonly string[]> {
    const from = load.sent.length
    const since = performance.now()
    await load.further(PER_SECOND)
    const bodies = load.sent.slice(from).flatMap(({ began, body }) => (began > since ? [body] : []))
    return [...new Set(bodies)]
  }

  function fileOf(version: string): string {
    return files.get(version) ?? assert.fail(version)
  }
})

function isOfNew({ body }: Sent): boolean {
  return body !== 'old' && body in DOES
}

function because({ outcome }: Receipt): string {
  return outcome.is === 'done' ? '' : outcome.because
}
