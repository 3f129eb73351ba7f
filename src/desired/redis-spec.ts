import type { ExtraDaemon, Plugin } from '../plugin/plugin.ts'
import type { WorkerSpec } from './desired.ts'
import { type Machine, redisSocket } from './environment.ts'
import type { SpecHash } from './ids.ts'
import type { InstalledPlugin } from './installed.ts'

export function redisOf({ daemons }: Plugin): ExtraDaemon | undefined {
  return daemons.filter(({ service }) => service === 'redis')[0]
}

export function needsRedis({ plugin }: InstalledPlugin): boolean {
  return redisOf(plugin) !== undefined
}

/**
 * The Redis of a plugin, as MFSERV ran it: on a unix socket alone, 512 MB, the least used forgotten first, nothing on the disk.
 * Its hash says nothing of the plugin, so that an edit, another release and plugins.restart leave it and what it holds alone.
 */
export function redisSpec(daemon: ExtraDaemon, plugin: Plugin, machine: Machine, digest: (text: string) => string): WorkerSpec {
  const socket = `${machine.run}/${plugin.name}/redis.sock`
  const spec = {
    argv: [
      machine.redis?.path ?? 'redis-server',
      ...['--port', '0', '--unixsocket', socket, '--unixsocketperm', '700'],
      ...['--save', '', '--appendonly', 'no', '--maxmemory', '512mb', '--maxmemory-policy', 'allkeys-lru', '--daemonize', 'no'],
    ],
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C.UTF-8', ...machine.redis?.env },
    link: { at: redisSocket(machine.runtimeHome, plugin.name), to: socket },
    cwd: machine.run,
    limits: daemon.limits,
    logFile: `${machine.log}/redis_plugin_${plugin.name}.log`,
    ready: { by: 'living', forMs: UP_AFTER_MS },
    drainMs: 0,
    graceMs: daemon.gracefulTimeout * 1000,
    maxAgeMs: 0,
  } as const
  return { ...spec, hash: digest(JSON.stringify(spec)) as SpecHash }
}

const UP_AFTER_MS = 1000
