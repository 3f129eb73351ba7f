import { relative } from 'node:path'
import { watch as chokidar, type FSWatcher } from 'chokidar'
import { outsidePackages, watchRules } from './fingerprint.ts'

export interface Watch {
  close(): Promise<void>
}

export interface WatchCalls {
  readonly changed: () => void
  /** The system cannot watch, most often because its limit of watches is reached. */
  readonly failed: (reason: string) => void
}

/** Watches what `fingerprint` reads of a plugin in development, and its config.ini and crontab. */
export function watchPlugin(home: string, calls: WatchCalls): Watch {
  const rules = watchRules(home)
  const beside = outsidePackages(home)
  return open([home, ...beside], calls, (path, kind) => {
    const root = beside.find((directory) => path === directory || path.startsWith(`${directory}/`))
    if (root !== undefined) return path !== root && rules.skips(relative(root, path), kind)
    const inside = relative(home, path)
    return !['', 'config.ini', 'crontab'].includes(inside) && !inside.startsWith('.layerapi2') && rules.skips(inside, kind)
  })
}

function open(roots: readonly string[], calls: WatchCalls, skips: (path: string, kind: 'file' | 'directory') => boolean): Watch {
  const watcher: FSWatcher = chokidar([...roots], {
    ignoreInitial: true,
    followSymlinks: false,
    // Asked first without the stats: only what would be skipped as a directory too may go then.
    ignored: (path, stats) => skips(path, stats === undefined || stats.isDirectory() ? 'directory' : 'file'),
  })
  watcher.on('all', calls.changed)
  watcher.on('error', (error) => calls.failed(error instanceof Error ? error.message : String(error)))
  return { close: () => watcher.close() }
}
