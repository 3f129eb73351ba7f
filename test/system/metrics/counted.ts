import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { commandLineOf, parentOf, processes } from '../../../src/host/process/proc.ts'
import { freePort } from '../nginx/place.ts'
import { develop, eventually, newWorld, type World, writeFile } from '../world.ts'

const GENERAL = '[general]\nversion=1.2.3\nsummary=s\nlicense=l\nurl=http://u\nmaintainer=m\nvendor=v\n'
/** Answers with the status that the last part of the path names. */
const WSGI = `
from mflog import get_logger

def app(environ, start_response):
    environ["wsgi.input"].read()
    status = environ["PATH_INFO"].rstrip("/").rsplit("/", 1)[-1]
    if "HTTP_TRACEPARENT" in environ:
        get_logger("shop").warning("in a trace")
    start_response(status + " As asked", [("Content-Type", "text/plain")])
    return [environ.get("HTTP_TRACEPARENT", "none").encode()]
`
const UNDER_WAY = 8

/** A runtime home whose requests are counted: two apps of one plugin, and one plugin of files. */
export interface CountedWorld {
  readonly world: World
  readonly page: (accept?: string) => Promise<string>
  /** Kills the daemon, and starts another. */
  readonly killDaemon: () => Promise<void>
  /** Kills the process that counts; the daemon starts another. */
  readonly killCounter: () => Promise<void>
  readonly address: string
}

/** `config`: more of the section [nginx], and further sections. */
export async function countedWorld(config = '', home?: string): Promise<CountedWorld> {
  const port = await freePort()
  const world = await newWorld(`${config}\n[metrics]\nlisten = ${port}\n`, home)
  const address = `http://127.0.0.1:${port}/metrics`
  const python = 'type=python3_sync\nmain_arg=main.wsgi:app\nworkers=1\n'
  const shop = writePlugin(world, 'shop', `[app_main]\n${python}[app_other]\n${python}`)
  for (const app of ['main', 'other']) writeFile(join(shop, app, 'wsgi.py'), WSGI)
  const site = writePlugin(world, 'site', '[app_main]\ntype=static\n')
  writeFile(join(site, 'main/index.html'), 'a page')
  await world.start()
  for (const plugin of [shop, site]) await develop(world, plugin)
  const killDaemon = async (): Promise<void> => {
    const { pid } = (await world.status()).daemon
    if (pid === null) throw new Error('no daemon')
    process.kill(pid, 'SIGKILL')
    await world.start()
  }
  const killCounter = async (): Promise<void> => {
    const { pid } = (await world.status()).daemon
    const counters = processes().filter((one) => parentOf(one) === pid && commandLineOf(one).includes('metrics'))
    for (const counter of counters) process.kill(counter, 'SIGKILL')
    if (counters.length !== 1) throw new Error(`${counters.length} processes count`)
  }
  return { world, page: (accept) => pageAt(address, accept), killDaemon, killCounter, address }
}

function writePlugin(world: World, name: string, apps: string): string {
  const home = join(world.home, 'sources', name)
  writeFile(join(home, '.layerapi2_label'), `plugin_${name}@mfserv\n`)
  writeFile(join(home, 'config.ini'), `${GENERAL}${apps}`)
  return home
}

/** Waits until there is one: it is not served while a daemon or the process that counts is replaced. */
function pageAt(address: string, accept = 'text/plain'): Promise<string> {
  return eventually('the page is served', async () => {
    const answer = await fetch(address, { headers: { accept } }).catch(() => undefined)
    return answer === undefined ? undefined : await answer.text()
  })
}

/** By `plugin app kind status`. */
export type ClientCounts = Map<string, number>

interface Question {
  readonly path: string
  readonly method?: string
  readonly body?: string
  readonly counts: string
}

const QUESTIONS: readonly Question[] = [
  { path: '/shop/main/200', counts: 'shop main app 200' },
  { path: '/shop/main/404', counts: 'shop main app 404' },
  { path: '/shop/main/"quoted"%20\\/201', counts: 'shop main app 201' },
  { path: '/shop/main/299', counts: 'shop main app 2xx' },
  { path: '/shop/other/500?"plugin": "site"', counts: 'shop other app 500' },
  { path: '/shop/other/200', method: 'POST', body: 'x'.repeat(3000), counts: 'shop other app 200' },
  { path: '/site/', counts: 'site main static 200' },
  { path: '/site/nothing', counts: 'site main static 404' },
  { path: '/site/', method: 'POST', body: 'x', counts: 'site main static 405' },
  { path: '/nobody', counts: '#unknown#  static 404' },
]

/** Asks so often, some at a time on kept connections, and adds to what was asked. */
export async function askMany(world: World, count: number, asked: ClientCounts): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: UNDER_WAY })
  let next = 0
  const one = async (): Promise<void> => {
    while (next < count) {
      const question = QUESTIONS[next % QUESTIONS.length]
      next += 1
      if (question === undefined) return
      const status = await statusOf(world.port, question, agent)
      const wanted = question.counts.endsWith('2xx') ? 299 : Number(question.counts.slice(-3))
      if (status !== wanted) throw new Error(`${question.path} answered ${status}`)
      asked.set(question.counts, (asked.get(question.counts) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: UNDER_WAY }, one))
  agent.destroy()
}

function statusOf(port: number, { path, method = 'GET', body }: Question, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    // As it stands: Node would encode what a client may send.
    const asked = request(
      { host: '127.0.0.1', port, path: encodeURI(path).replace('%22plugin%22', '"plugin"'), method, agent },
      (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode ?? 0))
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })
}

/** What the page says, in the same form. Requests that nobody asked for are left out: of mfserv about itself. */
export function countsIn(page: string): ClientCounts {
  const pattern = /^mfserv_requests_total\{plugin="([^"]*)",app="([^"]*)",kind="([^"]*)",status="([^"]*)"\} (\d+)$/gm
  const all = [...page.matchAll(pattern)].map(([, plugin, app, kind, status, count]) => {
    return [`${plugin} ${app} ${kind} ${status}`, Number(count)] as const
  })
  return new Map(all.filter(([name]) => !/^#(core|monitoring)#/.test(name)))
}

/** The value of one line of the page. */
export function sampleIn(page: string, sample: string): number | undefined {
  const line = page.split('\n').find((one) => one.startsWith(`${sample} `))
  return line === undefined ? undefined : Number(line.slice(sample.length + 1))
}

/** Waits until the page says as much as was asked, and answers what it says then. */
export async function settledCounts({ page }: CountedWorld, asked: ClientCounts): Promise<ClientCounts> {
  const sum = (counts: ClientCounts): number => [...counts.values()].reduce((total, count) => total + count, 0)
  let last: ClientCounts = new Map()
  await eventually('all that was asked is counted', async () => {
    last = countsIn(await page())
    return sum(last) >= sum(asked) ? true : undefined
  }).catch(() => undefined)
  return last
}
