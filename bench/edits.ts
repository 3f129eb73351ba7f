import { readFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { eventually, type World, writeFile } from '../test/system/world.ts'
import { addPlugin, allServe, openWorld, WORKERS } from './plugins.ts'
import { spread, whole } from './statistics.ts'
import type { Theme } from './theme.ts'

interface Edited {
  readonly app: string
  readonly plugin: string
  readonly file: string
}

const EDITED: readonly Edited[] = [
  { app: 'python3_sync', plugin: 'wsgi', file: 'main/wsgi.py' },
  { app: 'node', plugin: 'express', file: 'express/server.js' },
]
const ASK_EVERY_MS = 5
/** So long after the last request nginx keeps no connection to a worker. */
const FORGOTTEN_MS = 1_200
/** New answers in a row that show that no old worker answers any more. */
const ENOUGH = 20

/** Milliseconds from saving the file. */
interface UnderTraffic {
  readonly firstNew: number
  /** 0 if there was no old answer. */
  readonly lastOld: number
}

export const edits: Theme = {
  name: 'edits',
  summary: 'time from saving a file to the new version being served',
  run: async ({ scratch, extent, say }) => {
    const world = await openWorld(scratch)
    await world.must('mfserv.start')
    say('edits: making two plugins')
    await addPlugin(world, 'wsgi', 'default')
    await addPlugin(world, 'express', 'node')
    const rows: (readonly string[])[] = []
    for (const edited of EDITED) {
      const visits: number[] = []
      const traffic: UnderTraffic[] = []
      for (let round = 1; round <= extent.edits; round += 1) {
        say(`edits: ${edited.app}, ${round} of ${extent.edits}`)
        visits.push(await editThenVisit(edited, `Hello visit${round}`, world))
        traffic.push(await editUnderTraffic(edited, `Hello traffic${round}`, world))
      }
      const [first, last] = [traffic.map(({ firstNew }) => firstNew), traffic.map(({ lastOld }) => lastOld)]
      rows.push([edited.app, spread(visits, whole), spread(first, whole), spread(last, whole)])
    }
    return {
      table: {
        title: 'Edits',
        head: ['app', 'new at the first visit after ms', 'under traffic: first new answer ms', 'last old answer ms'],
        rows,
      },
      notes: [
        `Median (min–max) of ${extent.edits} edits of each kind, ${WORKERS} workers. Traffic: a question every ${ASK_EVERY_MS} ms on a fresh connection; nginx uses the connections it has to the old workers for up to 1 s more.`,
      ],
    }
  },
}

/** When the new workers have taken over, and that somebody who comes then sees the new version. */
async function editThenVisit(edited: Edited, text: string, world: World): Promise<number> {
  await world.until('all serve', allServe)
  await later(FORGOTTEN_MS)
  const before = await generations(edited.plugin, world)
  const began = performance.now()
  save(edited, text, world)
  await untilNew(edited, before, world)
  const took = performance.now() - began
  const body = await bodyOf(`${world.url}/${edited.plugin}`)
  if (!body.startsWith(text)) throw new Error(`the first visit after the edit to "${text}" saw "${body}"`)
  return took
}

async function editUnderTraffic(edited: Edited, text: string, world: World): Promise<UnderTraffic> {
  await world.until('all serve', allServe)
  const url = `${world.url}/${edited.plugin}`
  for (let count = 0; count < ENOUGH; count += 1) {
    await bodyOf(url)
    await later(ASK_EVERY_MS)
  }
  const began = performance.now()
  save(edited, text, world)
  let [firstNew, lastOld] = [0, 0]
  for (let newInARow = 0; newInARow < ENOUGH; newInARow += 1) {
    const isNew = (await bodyOf(url)).startsWith(text)
    const took = performance.now() - began
    if (isNew && firstNew === 0) firstNew = took
    if (!isNew) {
      lastOld = took
      newInARow = -1
    }
    await later(ASK_EVERY_MS)
  }
  return { firstNew, lastOld }
}

function save({ plugin, file }: Edited, text: string, world: World): void {
  const path = join(world.home, plugin, file)
  writeFile(path, readFileSync(path, 'utf8').replace(/Hello \w+/, text))
}

async function untilNew({ plugin }: Edited, before: readonly number[], world: World): Promise<void> {
  await eventually('every worker is of the new version', async () => {
    const now = await generations(plugin, world)
    return now.every((one, slot) => one > (before[slot] ?? 0)) && allServe(await world.status()) ? true : undefined
  })
}

async function generations(plugin: string, world: World): Promise<readonly number[]> {
  return (await world.plugin(plugin)).apps.flatMap(({ slots }) => slots.map(({ generation }) => generation))
}

function bodyOf(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (text: string) => {
        body += text
      })
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(body)
        else reject(new Error(`${url} answered ${answer.statusCode}: ${body}`))
      })
      answer.on('error', reject)
    }).on('error', reject)
  })
}
