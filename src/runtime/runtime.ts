import type { App, Plugin } from '../plugin/plugin.ts'
import { command } from './command.ts'
import { node } from './node.ts'
import { python3Sync } from './python3_sync.ts'
import { staticFiles } from './static.ts'

/** What an app type means: how its worker is started, what nginx may do with it. The one table; everything else reads it. */
export interface Runtime {
  readonly language: 'python3' | 'node' | 'any' | 'none'
  /** nginx may keep connections to the worker open. Only for servers that speak HTTP/1.1 keep-alive (measured, see docs/decisions). */
  readonly keepAlive: boolean
  /** `files`: nginx serves the app's directory, no worker. */
  readonly serves: 'requests' | 'files'
  /** The path asked to learn whether a worker answers; any HTTP answer counts. */
  readonly readyPath: string
  /** The command line and the added environment of one worker. */
  readonly worker: (app: App, plugin: Plugin, place: WorkerPlace) => WorkerCommand
}

export interface WorkerPlace {
  /** Absolute path of the socket to listen on; may be the placeholder `{unix_socket_path}`. */
  readonly socket: string
  /** Seconds one request may take, already resolved. */
  readonly timeout: number
  /** The directory of this mfserv. */
  readonly mfservHome: string
  /** The pinned Node, the framework's Python: absolute paths. */
  readonly nodePath: string
  readonly python3Path: string
  /** Where the framework's own Python packages live; it goes last on PYTHONPATH. */
  readonly pythonLibrary: string
}

export interface WorkerCommand {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

export const RUNTIMES = {
  python3_sync: python3Sync,
  node,
  static: staticFiles,
  command,
} as const satisfies Record<string, Runtime>

export type AppType = keyof typeof RUNTIMES

export function isAppType(text: string): text is AppType {
  return Object.hasOwn(RUNTIMES, text)
}
