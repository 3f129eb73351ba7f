import { lstatSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Bounds, type LogFile, surplusOf } from '../../log/bounds.ts'
import { pluginOf, sourceOf } from '../../log/source.ts'
import { namesIn } from '../disk/names-in.ts'
import { log } from './logger.ts'

/** Removes the rotated copies that are too much for a plugin, or for all together. */
export function boundLogs(directory: string, bounds: Bounds): void {
  const surplus = surplusOf(
    namesIn(directory).flatMap((name) => logFile(directory, name)),
    bounds,
  )
  for (const { name } of surplus) rmSync(join(directory, name), { force: true })
  for (const [owner, files] of Map.groupBy(surplus, (file) => file.owner)) {
    const mib = Math.ceil(files.reduce((sum, { bytes }) => sum + bytes, 0) / (1 << 20))
    const whose = owner === '' ? 'nginx and mfserv' : `plugin ${owner}`
    log('INFO', `${whose}: ${files.length} rotated logs with ${mib} MiB were removed, because all logs together are too large`)
  }
}

function logFile(directory: string, name: string): readonly LogFile[] {
  const [, log = name, copied] = /^(.*)\.(\d{14})$/.exec(name) ?? []
  const source = sourceOf(log)
  const stat = source === undefined ? undefined : lstatSync(join(directory, name), { throwIfNoEntry: false })
  if (source === undefined || stat?.isFile() !== true) return []
  return [{ name, bytes: stat.size, owner: pluginOf(source) ?? '', copied }]
}
