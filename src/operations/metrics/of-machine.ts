import type { StatusReport } from '../../control/protocol.ts'
import { roomIn } from '../../host/disk/room.ts'
import type { Paths } from '../../host/home/paths.ts'
import { roomOfLogs } from '../../host/logs/empty-log.ts'
import type { KeptChanges } from '../../host/metrics/changes.ts'
import type { NginxNumbers } from '../../host/metrics/nginx-facts.ts'
import { type SessionUsage, usageBySession, usageOfProcess } from '../../host/metrics/usage.ts'
import type { Told } from '../../metrics/page/render.ts'
import { one, partsOf } from './of-status.ts'

interface Process {
  readonly plugin: string
  readonly app: string
  readonly slot: number
  readonly usage: SessionUsage
}

/** What mfserv itself is called where plugins are named, as in MFSERV. */
const CORE = '#core#'

/** Memory and processor time of every worker that serves, of nginx and of the daemon. */
export function toldOfProcesses({ plugins, daemon, nginx }: StatusReport): Told {
  const sessions = usageBySession()
  const workers = plugins
    .flatMap(partsOf)
    .flatMap(({ plugin, app, slots }) =>
      slots.flatMap(({ slot, pid }) => processOf({ plugin, app, slot }, pid === null ? undefined : sessions.get(pid))),
    )
  const own = [
    // What the daemon starts may be in its session.
    ...processOf({ plugin: CORE, app: 'daemon', slot: 1 }, daemon.pid === null ? undefined : usageOfProcess(daemon.pid)),
    ...processOf({ plugin: CORE, app: 'metrics', slot: 1 }, usageOfProcess(process.pid)),
    ...processOf({ plugin: CORE, app: 'nginx', slot: 1 }, nginx.pid === null ? undefined : sessions.get(nginx.pid)),
  ]
  const all = [...workers, ...own]
  const label = ({ plugin, app, slot }: Process) => ({ plugin, app, slot })
  return {
    mfserv_process_resident_memory_bytes: all.map((each) => one(label(each), each.usage.memoryBytes)),
    mfserv_process_cpu_seconds: all.map((each) => one(label(each), each.usage.cpuSeconds)),
    mfserv_plugin_resident_memory_bytes: [...Map.groupBy(all, ({ plugin }) => plugin)].map(([plugin, each]) => {
      return one(
        { plugin },
        each.reduce((sum, { usage }) => sum + usage.memoryBytes, 0),
      )
    }),
  }
}

function processOf(what: Omit<Process, 'usage'>, usage: SessionUsage | undefined): readonly Process[] {
  return usage === undefined ? [] : [{ ...what, usage }]
}

export function toldOfDisk({ runtimeHome, log }: Paths): Told {
  const { bytes, totalBytes, files } = roomIn(runtimeHome)
  return {
    mfserv_disk_size_bytes: [one({}, totalBytes)],
    mfserv_disk_free_bytes: [one({}, bytes)],
    mfserv_disk_free_files: [one({}, files)],
    mfserv_logs_bytes: [
      one(
        {},
        roomOfLogs(log).reduce((sum, each) => sum + each.bytes, 0),
      ),
    ],
  }
}

export function toldOfNginx(numbers: NginxNumbers | undefined): Told {
  if (numbers === undefined) return {}
  const { accepted, handled, active, reading, writing, waiting } = numbers
  const states = { active, reading, writing, waiting }
  return {
    mfserv_nginx_connections: Object.entries(states).map(([state, value]) => one({ state }, value)),
    mfserv_nginx_connections_accepted: [one({}, accepted)],
    mfserv_nginx_connections_handled: [one({}, handled)],
  }
}

export function toldOfChanges(kept: KeptChanges): Told {
  return {
    mfserv_changes: Object.entries(kept).flatMap(([plugin, { counts }]) =>
      Object.entries(counts).map(([name, value]) => {
        const [change = '', outcome = ''] = name.split(' ')
        return one({ plugin, change, outcome }, value)
      }),
    ),
  }
}
