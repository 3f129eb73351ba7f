import { pathsOf, runtimeHome } from '../../host/home/paths.ts'
import type { Taken, TopPlugin } from '../../metrics/top/top.ts'
import { REQUESTS_SECONDS, Top } from '../../operations/metrics/top.ts'
import { Problem } from '../../problem.ts'
import { terminalText } from '../../terminal-text.ts'
import { bytesText } from '../bytes-text.ts'
import { Stream } from '../logs/stream.ts'
import type { Result } from '../output.ts'
import { columns } from '../table.ts'

interface Options {
  readonly once?: true
  readonly json?: true
}

const LOOK_SECONDS = 1
/** The cursor to the upper left corner, and nothing below it. */
const CLEAR = '\x1b[H\x1b[2J'

/** One look where nobody sits at a terminal, else look by look until Ctrl-C. */
export async function run(_args: readonly [], { once, json }: Options): Promise<Result> {
  const top = Top.open(pathsOf(runtimeHome()))
  try {
    const first = await looked(top)
    if (once === true || json === true || process.stdout.isTTY !== true) return { data: first, text: topText(first) }
    const stream = new Stream()
    for (let plugins = first; stream.hasReader; plugins = await looked(top))
      await stream.line(`${CLEAR}${terminalText(fitting(plugins))}`)
    return { data: [], text: '' }
  } finally {
    top.close()
  }
}

async function looked(top: Top): Promise<readonly TopPlugin[]> {
  const plugins = await top.look(LOOK_SECONDS)
  if (plugins === undefined) throw new Problem('DAEMON_DOWN', 'mfserv does not run', 'Run mfserv.start.')
  return plugins
}

function topText(plugins: readonly TopPlugin[]): string {
  const head = ['PLUGIN', 'WORKER', 'PID', 'MEMORY', 'CPU', 'REQUESTS/S', 'P99']
  const rows = plugins.flatMap((plugin) => [
    [plugin.plugin, '', '', ...cellsOf(plugin)],
    ...plugin.workers.map((worker) => ['', `${worker.app} ${worker.slot}`, String(worker.pid), ...cellsOf(worker)]),
  ])
  const note = `CPU in percent of one core. Requests of the last ${REQUESTS_SECONDS} s.`
  return [...columns([head, ...rows]), '', plugins.length === 0 ? 'No plugin is installed.' : note].join('\n')
}

function cellsOf({ memoryBytes, cpuPercent, requestsPerSecond, p99Ms }: Taken): readonly string[] {
  return [
    bytesText(memoryBytes),
    `${cpuPercent.toFixed(1)} %`,
    requestsPerSecond.toFixed(1),
    p99Ms === null ? '-' : `${p99Ms} ms`,
  ]
}

/** As much as the terminal has lines for. */
function fitting(plugins: readonly TopPlugin[]): string {
  return topText(plugins)
    .split('\n')
    .slice(0, Math.max(2, (process.stdout.rows ?? 25) - 1))
    .join('\n')
}
