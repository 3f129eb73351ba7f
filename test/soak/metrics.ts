import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { box } from '../../src/cli/table.ts'
import {
  askMany,
  type ClientCounts,
  type CountedWorld,
  countedWorld,
  sampleIn,
  settledCounts,
} from '../system/metrics/counted.ts'
import { eventually } from '../system/world.ts'
import { havePrometheus, lint, startPrometheus } from './prometheus.ts'

const REQUESTS = 10_000
const KILLS = 3
/** Small, so that the log is rotated some times. */
const SETTINGS = 'max_size_before_rotation = 500000\n[log]\nnumber_of_rotated_files = 100'

/**
 * 10,000 requests of several kinds to two plugins, while the daemon and what counts are killed with -9 again and again and the
 * log is rotated: the page, and a real Prometheus that scrapes it, say exactly what the client counted. promtool accepts the page.
 */
process.exitCode = await soak()

async function soak(): Promise<0 | 1> {
  const programs = await havePrometheus((line) => console.error(line))
  // On a disk, where a rotation loses nothing.
  const home = mkdtempSync(join(tmpdir(), 'mf'))
  const counted = await countedWorld(SETTINGS, home)
  const directory = mkdtempSync(join(tmpdir(), 'mfprometheus'))
  const prometheus = await startPrometheus(programs, directory, new URL(counted.address).host)
  try {
    const asked: ClientCounts = new Map()
    const resets = await askAndKill(counted, asked)
    const wrong = differences(asked, await settledCounts(counted, asked))
    const page = await counted.page()
    const said = lint(programs, page).trim()
    const scraped = await eventually('Prometheus has scraped all', async () => {
      const found = await prometheus.query('sum(mfserv_requests_total{plugin!~"#(core|monitoring)#"})')
      return found[0]?.value === total(asked) ? found[0].value : undefined
    }).catch(() => undefined)
    const backward = (await prometheus.query('sum(resets(mfserv_requests_total[10m]))'))[0]?.value
    const rows = [
      ['requests that the client counted', String(total(asked))],
      ['kinds of them that are counted otherwise', wrong.length === 0 ? 'none' : wrong.join('; ')],
      ['killed with -9: daemon, and what counts', `${resets} times each`],
      [
        'rotations of the log',
        String(readdirSync(join(home, 'log')).filter((name) => /^nginx_access.*\.\d{14}$/.test(name)).length),
      ],
      ['parts of the log that were gone', String(sampleIn(page, 'mfserv_access_log_losses_total'))],
      ['promtool check metrics', said === '' ? 'accepts the page' : said],
      [`Prometheus ${prometheus.version} has`, `${scraped ?? 'something else'}, and saw counters go back ${backward} times`],
      ['size of the page', `${(page.length / 1000).toFixed(0)} kB`],
    ]
    console.log(box({ title: 'Counters against a client', rows }))
    return wrong.length === 0 && said === '' && scraped !== undefined && backward === 0 ? 0 : 1
  } finally {
    prometheus.end()
    await counted.world.end()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Answers how often each was killed. */
async function askAndKill({ world, killDaemon, killCounter }: CountedWorld, asked: ClientCounts): Promise<number> {
  for (let kill = 0; kill < KILLS; kill += 1) {
    const asking = askMany(world, Math.floor(REQUESTS / KILLS / 2), asked)
    await killDaemon()
    await asking
    const again = askMany(world, Math.floor(REQUESTS / KILLS / 2), asked)
    await eventually('what counts runs', () =>
      killCounter()
        .then(() => true)
        .catch(() => undefined),
    )
    await again
    // The log is looked at once a second.
    await later(1500)
  }
  await askMany(world, REQUESTS - total(asked), asked)
  return KILLS
}

function total(counts: ClientCounts): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}

function differences(asked: ClientCounts, told: ClientCounts): readonly string[] {
  const names = new Set([...asked.keys(), ...told.keys()])
  return [...names].flatMap((name) => {
    const [one, other] = [asked.get(name) ?? 0, told.get(name) ?? 0]
    return one === other ? [] : [`${name}: ${one} asked, ${other} told`]
  })
}
