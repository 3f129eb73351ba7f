import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { pathsOf, runtimeHome } from '../src/host/home/paths.ts'
import { findPhpFpm } from '../src/host/programs/php-fpm.ts'
import { CLONE, writeFile } from '../test/system/world.ts'
import { addPlugin, allServe, openWorld, WORKERS } from './plugins.ts'
import { timeOfSessions } from './process-time.ts'
import type { Scratch } from './scratch.ts'
import { decimals, median } from './statistics.ts'
import { type Bench, type Findings, ordered, type Theme } from './theme.ts'
import { bodyOf } from './throughput/contender.ts'
import { startNginx } from './throughput/nginx.ts'
import { fastcgiParams } from './types/texts.ts'
import { burst, CONNECTIONS, ensureWrk } from './wrk.ts'

/** One way to run the script of the template, each a little nearer to mfserv's, or what mfserv could do besides. */
interface Way {
  readonly name: string
  /** Lines of the pool of php-fpm. */
  readonly pool?: readonly string[]
  /** As a release has it: a long path, with a link in it. */
  readonly isRelease?: true
  /** How nginx keeps connections to php-fpm, if it does. */
  readonly kept?: string
}

/** What is asked, and whose time counts. */
interface Running {
  readonly name: string
  readonly url: string
  readonly nginx: number
  readonly masters: readonly number[]
}

interface Cost {
  readonly nginx: number
  readonly masters: number
  readonly children: number
  readonly p99Ms: number
}

const CAUGHT = ['catch_workers_output = yes', 'decorate_workers_output = no']
const PROLOGUE = [`php_value[auto_prepend_file] = ${CLONE}/share/php-request.php`]
const NO_INPUT_TIME = ['php_value[max_input_time] = -1']
const OURS = 'mfserv, an installed release'
const WAYS: readonly Way[] = [
  { name: 'plain' },
  { name: 'time for the input is that of the script', pool: NO_INPUT_TIME },
  { name: 'the script before each request', pool: PROLOGUE },
  { name: 'output to stderr is caught', pool: CAUGHT },
  { name: 'the path of a release', isRelease: true },
  { name: 'all of these', isRelease: true, pool: [...NO_INPUT_TIME, ...PROLOGUE, ...CAUGHT] },
  { name: 'two requests on a connection', kept: 'keepalive_requests 2; keepalive_timeout 2ms;' },
  { name: '20 requests on a connection', kept: 'keepalive_requests 20; keepalive_time 100ms; keepalive_timeout 2ms;' },
]

/** What each thing costs that mfserv does about PHP besides a plain php-fpm. */
export const php: Theme = {
  name: 'php',
  summary: 'processor time of nginx and php-fpm for a request: a plain php-fpm, and each thing that mfserv does besides',
  run: async (bench) => {
    const wrk = await ensureWrk(bench.say)
    bench.say('php: starting php-fpm in each way, and mfserv')
    const all = [...(await Promise.all(WAYS.map((way) => start(bench.scratch, way)))), await startOurs(bench.scratch)]
    const costs = new Map<Running, Cost[]>(all.map((one) => [one, []]))
    for (const { url } of all) await burst(wrk, bench, url, 1)
    for (let round = 0; round < bench.extent.typeRounds; round += 1) {
      bench.say(`php: round ${round + 1} of ${bench.extent.typeRounds}, ${all.length} times 1 s`)
      for (const one of ordered(all, round)) {
        const before = timesOf(one)
        const { requests, p99Ms } = await burst(wrk, bench, one.url, 1)
        const after = timesOf(one)
        const each = (key: 'nginx' | 'masters' | 'all'): number => (after[key] - before[key]) / 1000 / requests
        const masters = each('masters')
        costs.get(one)?.push({ nginx: each('nginx'), masters, children: each('all') - masters, p99Ms })
      }
    }
    return findings(costs, bench)
  },
}

/** As many masters with one child each as mfserv has workers, behind one plain nginx. */
async function start(scratch: Scratch, { name, pool = [], isRelease, kept }: Way): Promise<Running> {
  const { path, env } = findPhpFpm(process.env, pathsOf(runtimeHome())) ?? { path: 'php-fpm', env: {} }
  const home = join(scratch.directory, name.replace(/\W+/g, '-'))
  const cwd = isRelease === true ? join(home, 'var/plugins/.releases/site/0.0.1-1-0123456789abcdef') : home
  mkdirSync(cwd, { recursive: true })
  cpSync(join(CLONE, 'templates/php/index.php'), join(cwd, 'index.php'))
  if (isRelease === true) symlinkSync(cwd, join(home, 'var/plugins/site'))
  const sockets = Array.from({ length: WORKERS }, (_one, index) => join(home, `${index}.s`))
  const servers = sockets.map((socket) => {
    const file = `${socket}.conf`
    const lines = [
      `user = ${userInfo().username}`,
      `listen = ${socket}`,
      'listen.backlog = 1024',
      'pm = static',
      'pm.max_children = 1',
    ]
    writeFile(file, ['[global]', 'error_log = /dev/stderr', 'log_level = warning', '[www]', ...lines, ...pool, ''].join('\n'))
    const words = ['--nodaemonize', '--force-stderr', '--allow-to-run-as-root', `--fpm-config=${file}`]
    return scratch.start([path, ...words], { cwd, env: { ...process.env, ...env } })
  })
  const script = join(isRelease === true ? join(home, 'var/plugins/site') : home, 'index.php')
  const keeps = kept === undefined ? '' : `keepalive ${WORKERS}; ${kept}`
  const front = await startNginx(scratch, {
    name: `${name.replace(/\W+/g, '-')}-nginx`,
    http: `
  upstream php { ${sockets.map((socket) => `server unix:${socket};`).join(' ')} ${keeps} }
  server {
    listen PORT;
    location / { ${fastcgiParams(script)} ${kept === undefined ? '' : 'fastcgi_keep_conn on;'} fastcgi_pass php; }
  }`,
  })
  await bodyOf(`${front.url}/`, [...servers, front.started])
  return { name, url: `${front.url}/`, nginx: front.started.pid, masters: servers.map(({ pid }) => pid) }
}

async function startOurs(scratch: Scratch): Promise<Running> {
  const world = await openWorld(scratch)
  await world.must('mfserv.start')
  await addPlugin(world, 'site', 'php', WORKERS, 'installed')
  await world.until('the plugin serves', allServe)
  const slots = (await world.plugin('site')).apps.flatMap((app) => app.slots)
  const nginx = Number(readFileSync(pathsOf(world.home).nginxPid, 'utf8'))
  return { name: OURS, url: `${world.url}/site`, nginx, masters: slots.flatMap(({ pid }) => pid ?? []) }
}

/** Nanoseconds. A master leads the session that its child is in. */
function timesOf({ nginx, masters }: Running) {
  const ofMasters = masters.map((pid) => Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]))
  return {
    nginx: timeOfSessions([nginx]),
    masters: ofMasters.reduce((sum, time) => sum + time, 0),
    all: timeOfSessions(masters),
  }
}

function findings(costs: ReadonlyMap<Running, readonly Cost[]>, { extent }: Bench): Findings {
  const shown = (values: readonly number[]): string => `${decimals(1)(median(values))}, ${decimals(1)(Math.min(...values))}`
  const rows = [...costs].map(([{ name }, all]) => [
    name,
    shown(all.map(({ nginx, masters, children }) => nginx + masters + children)),
    shown(all.map(({ nginx }) => nginx)),
    shown(all.map(({ masters }) => masters)),
    shown(all.map(({ children }) => children)),
    decimals(1)(median(all.map(({ p99Ms }) => p99Ms))),
  ])
  return {
    table: { title: 'PHP', head: ['way', 'all us', 'nginx us', 'masters us', 'children us', 'p99 ms'], rows },
    notes: [
      `Processor time for one request in microseconds: median, least of ${extent.typeRounds} rounds of 1 s for each, in turn, the order reversed each round. p99: median.`,
      `The script of the template. ${WORKERS} masters with one child each, and ${CONNECTIONS} kept connections of wrk. A plain nginx in front, but of the last row.`,
    ],
  }
}
