import { Agent, request } from 'node:http'
import { setTimeout as later } from 'node:timers/promises'
import type { World } from '../test/system/world.ts'
import { addPlugin, allServe, copyPlugin, openWorld } from './plugins.ts'
import { decimals } from './statistics.ts'
import type { Bench, Findings, Theme } from './theme.ts'

const CLIENTS = 32
/** Milliseconds a client waits before its next request, by chance up to this: a connection is idle for a moment, as in a browser. */
const PAUSES_MS = [0, 20, 1000] as const
const BETWEEN_RELOADS_MS = 400
const IN_A_ROW = 10

/** What a reload of nginx costs clients that never ask twice, and how many reloads changes that come together are. */
export const reloads: Theme = {
  name: 'reloads',
  summary: 'what a reload of nginx costs clients that never retry, and how many reloads ten new plugins are',
  run: async (bench) => {
    const world = await openWorld(bench.scratch)
    await addPlugin(world, 'pages', 'static')
    await world.must('mfserv.start')
    const rows: (readonly string[])[] = []
    for (const kind of ['fresh', 'kept'] as const) {
      for (const pause of PAUSES_MS) {
        bench.say(`reloads: ${kind} connections, up to ${pause} ms between two requests`)
        rows.push(await lossesOf(world, kind, pause, bench))
      }
    }
    const gathered = await gatheredOf(world)
    return findings(rows, gathered, bench)
  },
}

async function lossesOf(world: World, kind: 'fresh' | 'kept', pause: number, { extent }: Bench): Promise<readonly string[]> {
  const load = startClients(`${world.url}/pages/`, kind, pause)
  await later(BETWEEN_RELOADS_MS)
  const { pid } = (await world.status()).nginx
  if (pid === null) throw new Error('nginx does not run')
  for (let reload = 0; reload < extent.reloads; reload += 1) {
    process.kill(pid, 'SIGHUP')
    await later(BETWEEN_RELOADS_MS)
  }
  const { answered, failed } = await load.end()
  return [kind, String(pause), String(answered), String(failed), decimals(3)(failed / extent.reloads)]
}

/** Each client sends one request after the other on a connection of its own, and never one a second time. */
function startClients(url: string, kind: 'fresh' | 'kept', pause: number) {
  let isOver = false
  let answered = 0
  let failed = 0
  const clients = Array.from({ length: CLIENTS }, async () => {
    const agent = new Agent({ keepAlive: kind === 'kept', maxSockets: 1 })
    while (!isOver) {
      if (await isAnswered(url, agent)) answered += 1
      else failed += 1
      await later(Math.random() * pause)
    }
    agent.destroy()
  })
  return {
    end: async () => {
      isOver = true
      await Promise.all(clients)
      return { answered, failed }
    },
  }
}

function isAnswered(url: string, agent: Agent): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(url, { agent }, (answer) => {
      answer.resume()
      answer.once('close', () => resolve(answer.complete && answer.statusCode === 200))
    })
    asked.once('error', () => resolve(false))
    asked.end()
  })
}

/** Reloads for so many new plugins: that appear together, and one command after the other. */
async function gatheredOf(world: World): Promise<{ readonly together: number; readonly inARow: number }> {
  const reloadsOf = async (): Promise<number> => (await world.status()).nginx.reloads
  const names = (kind: string): readonly string[] => Array.from({ length: IN_A_ROW }, (_, number) => `${kind}${number}`)
  const before = await reloadsOf()
  for (const name of names('together')) copyPlugin(world, 'pages', name)
  await world.until('all serve', (report) => report.plugins.length === IN_A_ROW + 1 && allServe(report))
  const between = await reloadsOf()
  for (const name of names('row')) await addPlugin(world, name, 'static')
  return { together: between - before, inARow: (await reloadsOf()) - between }
}

function findings(
  rows: readonly (readonly string[])[],
  { together, inARow }: { readonly together: number; readonly inARow: number },
  { extent }: Bench,
): Findings {
  return {
    table: {
      title: `A reload of nginx, ${CLIENTS} clients of a static plugin that never ask twice`,
      head: ['connections', 'pause up to ms', 'answered', 'failed', 'failed for each reload'],
      rows,
    },
    notes: [
      `${extent.reloads} reloads for each row, ${BETWEEN_RELOADS_MS} ms apart.`,
      `${IN_A_ROW} new plugins that appear together are ${together} reloads; by one command after the other, each of which waits until its plugin serves, ${inARow}.`,
    ],
  }
}
