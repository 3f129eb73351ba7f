import { join } from 'node:path'
import type { ModuleBounds } from '../../bounds/bounds.ts'
import { type Config, commonEnvironment, environmentOfPlugin } from '../../config/config.ts'
import { askedAt } from '../../config/listen/listener.ts'
import type { NginxPaths } from '../../desired/desired.ts'
import { type Machine, moduleEnvironment } from '../../desired/environment.ts'
import { serverSettings } from '../../desired/server-settings.ts'
import type { DesireSettings } from '../../desired/settings.ts'
import { DEVELOPER_SOCKET, PAUSE_SOCKET } from '../../desired/slot.ts'
import { challengeDirectory } from '../acme/acme-files.ts'
import { MFSERV_HOME, type Paths } from '../home/paths.ts'
import { certificatesInForce } from '../tls/in-force.ts'
import { machineMemory } from './machine-memory.ts'

/** What the configuration of the module means for the desired state. */
export function desireSettings(config: Config, machine: Machine, paths: Paths, uuid: string): DesireSettings {
  const { try_to_split_stdout_stderr: streams, try_to_split_multiple_workers: workers } = config.settings.log
  return {
    logSplit: { streams, workers },
    server: serverSettings(config, certificatesInForce(paths, config)),
    front: config.settings.nginx.flag,
    nginxPaths: nginxPaths(config, paths, uuid),
    environment: {
      common: moduleEnvironment(machine, commonEnvironment(config)),
      ofPlugin: (name) => environmentOfPlugin(config, name),
    },
    sandbox: config.settings.sandbox,
    startTimeoutMs: config.settings.supervisor.start_timeout * 1000,
    sleepAfterMs: config.settings.supervisor.sleep_after * 1000,
    bounds: moduleBounds(config),
    coreBytes: config.settings.misc.core_size < 0 ? undefined : config.settings.misc.core_size,
  }
}

/** `[limits]`, with the memory of the machine. */
export function moduleBounds({ settings: { limits } }: Config): ModuleBounds {
  const { memory_max: memoryMax, memory_high: memoryHigh, tasks_max: tasksMax, plugins_memory_max: pluginsMemoryMax } = limits
  return { memoryMax, memoryHigh, tasksMax, pluginsMemoryMax, machineBytes: machineMemory() }
}

/** The URL people open; undefined when nothing listens. */
export function baseUrl(config: Config): string | undefined {
  const { nginx } = config.settings
  const at = askedAt({ ...nginx, httpsPort: nginx.https_port })
  if (at === undefined) return undefined
  const host = at.host.includes(':') ? `[${at.host}]` : at.host
  return `${at.protocol}//${host === '127.0.0.1' ? 'localhost' : host}:${at.port}`
}

export function nginxPaths(config: Config, paths: Paths, uuid: string): NginxPaths {
  const { clientbody_temp_path: bodies } = config.settings.nginx
  return {
    pidFile: paths.nginxPid,
    accessLog: join(paths.log, 'nginx_access.log'),
    errorLog: join(paths.log, 'nginx_error.log'),
    tempDirectory: bodies === '' ? paths.nginxTemp : bodies,
    mimeTypes: join(MFSERV_HOME, 'share/mime.types'),
    healthDirectory: paths.health,
    welcomeDirectory: paths.welcome,
    asideDirectory: paths.aside,
    stoppedDirectory: paths.stopped,
    maintenanceDirectory: paths.maintenance,
    pauseSocket: join(paths.run, PAUSE_SOCKET),
    developerSocket: join(paths.run, DEVELOPER_SOCKET),
    challengeDirectory: challengeDirectory(paths),
    uuid,
    user: process.getuid?.() === 0 ? 'root' : undefined,
  }
}
