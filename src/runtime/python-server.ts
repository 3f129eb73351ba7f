import type { RunnableApp, WorkerCommand, WorkerPlace } from './contract.ts'

/**
 * A worker that `python/mfserv_serve.py` runs. The server package is the plugin's own if it has one, and the framework's
 * otherwise, so that changing `type` is enough.
 */
export function pythonServer(kind: string, app: RunnableApp, place: WorkerPlace, more: readonly string[] = []): WorkerCommand {
  const argv = [
    place.python3Path,
    `${place.mfservHome}/python/mfserv_serve.py`,
    kind,
    `--timeout=${place.timeout}`,
    `--grace=${app.gracefulTimeout}`,
    `--library=${place.pythonLibrary}`,
    ...more,
    ...(app.debug ? ['--debug'] : []),
    '--',
    app.entry,
    place.socket,
  ]
  return { argv, env: {} }
}
