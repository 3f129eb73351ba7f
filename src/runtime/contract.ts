import type { Placed } from './app-directory.ts'

/** What an app type means: how its worker is started, what nginx may do with it. */
export interface Runtime {
  readonly language: 'python3' | 'python2' | 'node' | 'php' | 'any' | 'none'
  /** nginx may keep connections to the worker open; so it may to a program on a port. Only for servers that speak HTTP/1.1 keep-alive (measured, see docs/decisions). */
  readonly keepAlive: boolean
  /** `files`: nginx serves the app's directory, no worker. */
  readonly serves: 'requests' | 'files'
  /** How nginx talks to the worker where it cannot be chosen. */
  readonly gateway?: 'fastcgi'
  /** The script that answers for a directory, and for every URL that names no script of its kind. */
  readonly index?: 'index.php'
  /** The path asked to learn whether a worker answers; any answer counts. */
  readonly readyPath: string
  /** What `main_arg` is. */
  readonly entry: EntryForm
  /** The type to write instead of this one, which will go away. */
  readonly deprecated?: string
  /** What docs/reference/types.md says about it. */
  readonly facts: RuntimeFacts
  /** The command line and the added environment of one worker. */
  readonly worker: (app: RunnableApp, plugin: RunnablePlugin, place: WorkerPlace) => WorkerCommand
}

/**
 * `callable`: `main.wsgi:application`. `script`: a Python file relative to the plugin, such as `main/application.py`.
 * `file`: relative to the app's directory. `command`: a whole command line.
 */
export type EntryForm = 'callable' | 'script or callable' | 'file' | 'command' | 'none'

/** One sentence or less each. */
export interface RuntimeFacts {
  readonly language: string
  readonly server: string
  /** How many requests one worker handles at a time. */
  readonly concurrency: string
  /** What becomes of a request that takes longer than `timeout`. */
  readonly timeout: string
  /** What `debug=1` adds. */
  readonly debugger: string
  /** What a worker does with the requests under way when it is asked to stop. */
  readonly stop: string
  /** What the type cannot do. */
  readonly limits: string
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
  /** That Node is the plugin's own, of whatever age. */
  readonly isOwnNode?: boolean
  readonly python3Path: string
  /** Where the framework's own Python packages live; it goes last on PYTHONPATH. */
  readonly pythonLibrary: string
  /** The same for Python 2, if there is one. */
  readonly python2Path?: string | undefined
  readonly python2Library?: string | undefined
  /** The prefixes that the app is mounted at. */
  readonly mount?: readonly string[] | undefined
  /** Undefined where no worker needs it. */
  readonly phpFpm?: { readonly path: string; readonly env: Readonly<Record<string, string>> } | undefined
  /** The files of the plugin are never changed: they are those of a release. */
  readonly isRelease?: boolean
}

export interface WorkerCommand {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** What a type reads of an app. */
export interface RunnableApp extends Placed {
  readonly entry: string
  readonly nodeExtraOpts: string
  readonly frontController?: string
  readonly debug: boolean
  /** Seconds between SIGTERM and SIGKILL. */
  readonly gracefulTimeout: number
}

/** What a type reads of the plugin of an app. */
export interface RunnablePlugin {
  readonly name: string
  readonly home: string
}
