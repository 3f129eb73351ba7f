import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { namesIn } from '../disk/names-in.ts'
import { isAlive, processId } from '../process/proc.ts'
import type { Paths } from './paths.ts'

/** Lends a directory that is gone afterwards. */
export async function withScratch<T>(prefix: string, work: (scratch: string) => Promise<T>): Promise<T> {
  return await lend(join(tmpdir(), prefix), work)
}

/** The same in the runtime home, where what killed processes left under this name is removed first. */
export async function withScratchOf<T>(paths: Paths, name: string, work: (scratch: string) => Promise<T>): Promise<T> {
  mkdirSync(paths.tmp, { recursive: true, mode: 0o700 })
  const parent = realpathSync(paths.tmp)
  for (const abandoned of namesIn(parent).filter((entry) => isAbandoned(entry, name))) {
    rmSync(join(parent, abandoned), { recursive: true, force: true })
  }
  const startTime = processId(process.pid)?.startTime ?? 0
  return await lend(join(parent, `${name}.${process.pid}-${startTime}.`), work)
}

async function lend<T>(prefix: string, work: (scratch: string) => Promise<T>): Promise<T> {
  const scratch = mkdtempSync(prefix)
  try {
    return await work(scratch)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function isAbandoned(entry: string, name: string): boolean {
  if (!entry.startsWith(`${name}.`)) return false
  const [, pid, startTime] = /^(\d+)-(\d+)\./.exec(entry.slice(name.length + 1)) ?? []
  return pid !== undefined && !isAlive({ pid: Number(pid), startTime: Number(startTime) })
}
