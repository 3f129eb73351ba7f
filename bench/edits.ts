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
/** New answers in a row that show that no old worker answers any more. */
const ENOUGH = 20

/** Milliseconds from writing the file. */
interface Served {
  /** The first answer of the new version. */
  readonly first: number
  /** The last answer of the old version; 0 if there was none. */
  readonly last: number
  /** Every worker is of the new version, and none of the old is left. */
  readonly settled: number
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
      await world.until('all serve', allServe)
      const served: Served[] = []
      for (let round = 1; round <= extent.edits; round += 1) {
        say(`edits: ${edited.app}, ${round} of ${extent.edits}`)
        served.push(await edit(edited, `Hello ${round}`, world))
      }
      const of = (name: keyof Served): string =>
        spread(
          served.map((one) => one[name]),
          whole,
        )
      rows.push([edited.app, of('first'), of('last'), of('settled')])
    }
    return {
      table: { title: 'Edits', head: ['app', 'first new answer ms', 'last old answer ms', 'all workers new ms'], rows },
      notes: [
        `Median (min–max) of ${extent.edits} edits of each, asked every ${ASK_EVERY_MS} ms on a fresh connection, ${WORKERS} workers, no other load. An edit begins when the one before has settled.`,
      ],
    }
  },
}

async function edit({ plugin, file }: Edited, text: string, world: World): Promise<Served> {
  const path = join(world.home, plugin, file)
  const changed = readFileSync(path, 'utf8').replace(/Hello \w+/, text)
  const before = await generations(plugin, world)
  const began = performance.now()
  writeFile(path, changed)
  let [first, last] = [0, 0]
  let isSettled = false
  const asking = (async () => {
    for (let newInARow = 0; !isSettled || newInARow < ENOUGH; newInARow += 1) {
      const body = await bodyOf(`${world.url}/${plugin}`)
      const took = performance.now() - began
      if (!body.startsWith(text)) {
        last = took
        newInARow = -1
      } else if (first === 0) {
        first = took
      }
      await later(ASK_EVERY_MS)
    }
  })()
  try {
    await eventually('every worker is of the new version', async () => {
      const now = await generations(plugin, world)
      return now.every((one, slot) => one > (before[slot] ?? 0)) && allServe(await world.status()) ? true : undefined
    })
  } finally {
    isSettled = true
  }
  const settled = performance.now() - began
  await asking
  return { first, last, settled }
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
