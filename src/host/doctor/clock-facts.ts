import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { ClockFacts } from '../../doctor/facts.ts'
import { MFSERV_HOME, type Paths } from '../home/paths.ts'
import { entriesBelow } from './walk.ts'

const ANSWERS_WITHIN_MS = 3000
/** What is written all the time lies near. */
const MOST_ENTRIES = 5000

export function clockFacts({ log, workers, config }: Paths): ClockFacts {
  const entries = [log, workers, config].flatMap((directory) => [...entriesBelow(directory, MOST_ENTRIES)])
  const [newest] = entries.toSorted((one, other) => other.stat.mtimeMs - one.stat.mtimeMs)
  return {
    isSynchronised: isSynchronised(),
    notBefore: statSync(join(MFSERV_HOME, 'package.json')).mtimeMs,
    newestFile: newest && { path: newest.path, at: newest.stat.mtimeMs },
  }
}

/** Undefined where nobody tells: the clock of a container is that of its machine. */
function isSynchronised(): boolean | undefined {
  if (existsSync('/run/systemd/timesync/synchronized')) return true
  if (!existsSync('/run/systemd/system')) return undefined
  const asked = spawnSync('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'], {
    encoding: 'utf8',
    timeout: ANSWERS_WITHIN_MS,
  })
  const said = asked.stdout?.trim()
  return said === 'yes' ? true : said === 'no' ? false : undefined
}
