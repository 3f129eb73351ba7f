import { type Level, levelText } from '../bounds/level.ts'
import type { LimitFacts, MachineFacts, Used } from './facts.ts'
import type { Finding } from './finding.ts'

/** nginx takes half of its files for connections, and each request to a worker takes two. */
const FEWEST_FILES = 1024
const ENOUGH_FILES = 8192
const SYSTEM_FILES_SHARE = 0.9
/** A burst of so many connections comes within one round of a busy worker. */
const ENOUGH_BACKLOG = 1024
const ENOUGH_WATCHES = 8192
const FEWEST_PROCESSES = 32
const ENOUGH_PROCESSES = 256
const ENOUGH_MEMORY_KB = 128 << 10

/** What the kernel and the machine allow, against what mfserv and its workers take. */
export function limitFindings(limits: LimitFacts, machine: MachineFacts, hasDevelopment: boolean): readonly Finding[] {
  return [
    ...openFiles(limits.openFiles),
    ...systemFiles(limits.systemFiles),
    ...backlog(limits.somaxconn),
    ...(hasDevelopment ? watches(limits.inotifyWatches) : []),
    ...processes(limits.processes),
    ...memory(machine),
  ]
}

function openFiles(most: number | undefined): readonly Finding[] {
  if (most === undefined || most >= ENOUGH_FILES) return []
  return [
    {
      severity: most < FEWEST_FILES ? 'broken' : 'risk',
      about: 'limits',
      what: `a process may have ${most} open files`,
      why: `nginx takes two for each request it passes on: with fewer than ${ENOUGH_FILES} it refuses clients under load`,
      fix: 'Set LimitNOFILE=65536 in the unit that starts mfserv, or "ulimit -Hn 65536" in the shell that does, and restart it',
    },
  ]
}

function systemFiles(files: Used | undefined): readonly Finding[] {
  if (files === undefined || files.used < files.most * SYSTEM_FILES_SHARE) return []
  return [
    {
      severity: 'risk',
      about: 'limits',
      what: `${files.used} of the ${files.most} files that the whole machine may have open are open`,
      why: 'with none left nothing can be opened, no connection either',
      fix: `sysctl -w fs.file-max=${files.most * 2}`,
    },
  ]
}

function backlog(most: number | undefined): readonly Finding[] {
  if (most === undefined || most >= ENOUGH_BACKLOG) return []
  return [
    {
      severity: 'risk',
      about: 'limits',
      what: `net.core.somaxconn is ${most}`,
      why: 'so few connections may wait for a busy worker or for nginx; the next one of a burst is refused',
      fix: 'sysctl -w net.core.somaxconn=4096',
    },
  ]
}

function watches(most: number | undefined): readonly Finding[] {
  if (most === undefined || most >= ENOUGH_WATCHES) return []
  return [
    {
      severity: 'risk',
      about: 'limits',
      what: `fs.inotify.max_user_watches is ${most}`,
      why: 'each directory of a plugin in development takes one; without it a saved file is not noticed',
      fix: 'sysctl -w fs.inotify.max_user_watches=65536',
    },
  ]
}

function processes(used: Used | undefined): readonly Finding[] {
  const left = used === undefined ? ENOUGH_PROCESSES : used.most - used.used
  if (used === undefined || left >= ENOUGH_PROCESSES) return []
  return [
    {
      severity: left < FEWEST_PROCESSES ? 'broken' : 'risk',
      about: 'limits',
      what: `${Math.max(0, left)} more processes and threads may be started (${used.by ?? 'limit'}: ${used.most})`,
      why: 'a worker that is replaced runs beside the old one for a while, and Node alone has a dozen threads',
      fix: used.by === 'kernel.pid_max' ? `sysctl -w kernel.pid_max=${used.most * 4}` : `Raise ${used.by ?? 'that limit'}`,
    },
  ]
}

function memory({ memoryKb, availableKb }: MachineFacts): readonly Finding[] {
  if (availableKb === undefined || availableKb >= Math.min(ENOUGH_MEMORY_KB, memoryKb / 8)) return []
  return [
    {
      severity: 'risk',
      about: 'machine',
      what: `${Math.round(availableKb / 1024)} MB of ${Math.round(memoryKb / 1024)} MB memory are available`,
      why: 'with none left the kernel kills a process of its choice; a new version of a plugin needs room beside the old one',
      fix: 'Look at who takes it: mfserv.status shows the workers; write fewer workers into config.ini of the largest',
    },
  ]
}

/** What holds the plugins to their limits, where the kernel could do more. */
export function levelFindings(level: Level | undefined): readonly Finding[] {
  if (level === undefined || (level.is === 'control groups' && level.without.length === 0)) return []
  const why =
    level.is === 'watching'
      ? 'a plugin that grows within a second takes memory and processor time from the others until it is seen; cpu_weight, cpu_max and io_weight do nothing'
      : 'the limits that need them do nothing'
  return [{ severity: 'note', about: 'limits', what: `the limits of plugins are ${levelText(level)}`, why, fix: level.fix }]
}
