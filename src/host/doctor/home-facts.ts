import { accessSync, constants, existsSync, lstatSync, statfsSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { DiskFacts, HomeFacts, Some } from '../../doctor/facts.ts'
import { writerOf } from '../disk/atomic.ts'
import { isErrno, isSystemError } from '../disk/errno.ts'
import type { Paths } from '../home/paths.ts'
import { isAlive } from '../process/proc.ts'
import { locate, pluginNames } from '../releases/plugins-directory.ts'
import { bytesBelow, type Entry, entriesBelow } from './walk.ts'

const OTHERS = 0o077
const DAY_MS = 86_400_000
const SHOWN = 3
/** Of scratch directories. */
const SCRATCH = /^\w+\.(\d+)-(\d+)\./

export function homeFacts(paths: Paths, now: number): HomeFacts {
  const path = paths.runtimeHome
  // The launcher of a command makes the directory, for its compiled code, and nothing else of it.
  if (!existsSync(paths.config) && !existsSync(paths.plugins))
    return { path, is: 'missing', ofOthers: NONE, openToOthers: NONE, stale: NONE, hasDevelopment: false }
  const own = statSync(path)
  const [ofOthers, stale]: [string[], string[]] = [[], []]
  for (const entry of entriesBelow(path)) {
    if (entry.stat.uid !== own.uid) ofOthers.push(entry.path)
    if (isStale(entry, paths, now)) stale.push(entry.path)
  }
  return {
    path,
    is: 'there',
    ofOthers: some(ofOthers),
    openToOthers: some((own.mode & OTHERS) === 0 ? [] : [path]),
    stale: some(stale),
    hasDevelopment: pluginNames(paths.plugins).some((name) => locate(paths.plugins, name).mode === 'dev_link'),
  }
}

const NONE: Some = { count: 0, paths: [] }

function some(paths: readonly string[]): Some {
  return { count: paths.length, paths: paths.slice(0, SHOWN) }
}

function isStale({ path, stat }: Entry, paths: Paths, now: number): boolean {
  const name = basename(path)
  const [, pid, startTime] = SCRATCH.exec(name) ?? []
  if (path === join(paths.tmp, name) && pid !== undefined) {
    return !isAlive({ pid: Number(pid), startTime: Number(startTime) })
  }
  return writerOf(name) !== undefined && now - stat.mtimeMs > DAY_MS && !path.includes('/node_modules/')
}

function isReadOnly(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return false
  } catch (error) {
    if (isErrno(error, 'EROFS')) return true
    if (isSystemError(error)) return false
    throw error
  }
}

/** The file systems that mfserv writes to, each once. */
export function diskFacts(paths: Paths): readonly DiskFacts[] {
  const places = [paths.runtimeHome, paths.log, paths.data, paths.plugins].filter((path) => existsSync(path))
  const devices = new Map(places.toReversed().map((path) => [statSync(path).dev, path]))
  return [...devices.values()].reverse().map((path) => {
    const { bavail, bfree, blocks, bsize, files, ffree } = statfsSync(path)
    const isRoot = process.geteuid?.() === 0
    const isOn = (other: string): boolean => existsSync(other) && statSync(other).dev === lstatSync(join(path, '.')).dev
    return {
      path,
      bytes: (isRoot ? bfree : bavail) * bsize,
      totalBytes: blocks * bsize,
      files: files === 0 ? Number.POSITIVE_INFINITY : ffree,
      totalFiles: files,
      isReadOnly: isReadOnly(path),
      logBytes: isOn(paths.log) ? bytesBelow(paths.log) : 0,
      releaseBytes: isOn(paths.plugins) ? bytesBelow(paths.plugins) : 0,
    }
  })
}
