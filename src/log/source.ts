/** Whose words a log file holds, as its name says. */
export type Source =
  /** `worker`: the slot whose file it is, where each has one. */
  | { readonly is: 'app' | 'daemon'; readonly plugin: string; readonly name: string; readonly worker?: number }
  | { readonly is: 'redis'; readonly plugin: string }
  | { readonly is: 'cron'; readonly plugin: string; readonly job: string }
  | { readonly is: 'access' | 'nginx' }
  /** mfserv's own: its daemon, and the commands that the daemon starts. */
  | { readonly is: 'mfserv'; readonly name: string }

const OWN: Readonly<Record<string, Source>> = {
  nginx_access: { is: 'access' },
  nginx_error: { is: 'nginx' },
  mfserv: { is: 'mfserv', name: 'mfserv' },
  provision: { is: 'mfserv', name: 'provision' },
  metrics: { is: 'mfserv', name: 'metrics' },
}

/** The name of the app or daemon, and the number of the worker whose file it is. */
const USUAL = /^(app|extra)_([^.]+)(?:\.|_(?!worker\d+$)(?=[^_.]+(?:_worker\d+)?$))([^.]+?)(?:_worker(\d+))?$/
/** A name that ends as the file of a worker does. */
const LIKE_A_WORKER = /^(app|extra)_([^.]+)\.\.((?:[^.]*?_)??worker\d+?)(?:_worker(\d+))?$/

/** Undefined for a file that no log of ours is called like. The reverse of `logName` in desired/slot.ts, and of the other names. */
export function sourceOf(file: string): Source | undefined {
  const [, name, kindOfFile] = /^(.+)\.(log|stdout|stderr)$/.exec(file) ?? []
  if (name === undefined) return undefined
  if (kindOfFile !== 'log') return ofWorkers(name)
  const own = OWN[name]
  if (own !== undefined) return own
  const [, redis] = /^redis_plugin_([^.]+)$/.exec(name) ?? []
  if (redis !== undefined) return { is: 'redis', plugin: redis }
  const [, ofCron, job] = /^cron_([^.]+)_([0-9a-f]{8})$/.exec(name) ?? []
  if (ofCron !== undefined && job !== undefined) return { is: 'cron', plugin: ofCron, job }
  return ofWorkers(name)
}

function ofWorkers(file: string): Source | undefined {
  const found = LIKE_A_WORKER.exec(file) ?? USUAL.exec(file)
  const [, kind, plugin, name, worker] = found ?? []
  if (plugin === undefined || name === undefined) return undefined
  const source = { is: kind === 'app' ? 'app' : 'daemon', plugin, name } as const
  return worker === undefined ? source : { ...source, worker: Number(worker) }
}

/** As it stands before a line: `blog/main`, `blog/cron 1a2b3c4d`, `nginx`. */
export function sourceText(source: Source): string {
  switch (source.is) {
    case 'app':
    case 'daemon':
      return `${source.plugin}/${source.name}${source.worker === undefined ? '' : ` #${source.worker}`}`
    case 'redis':
      return `${source.plugin}/redis`
    case 'cron':
      return `${source.plugin}/cron ${source.job}`
    case 'access':
      return 'access'
    case 'nginx':
      return 'nginx'
    case 'mfserv':
      return source.name
    default:
      return source satisfies never
  }
}

/** The plugin whose output it is; undefined for the logs that tell of all of them. */
export function pluginOf(source: Source): string | undefined {
  return 'plugin' in source ? source.plugin : undefined
}
