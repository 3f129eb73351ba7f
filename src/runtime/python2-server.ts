import type { RunnableApp, WorkerCommand, WorkerPlace } from './contract.ts'
import { mountOption } from './mount-option.ts'

/** A worker that a script of `python2/` runs, on the plugin's own Python 2 or the machine's. */
export function python2Server(script: string, app: RunnableApp, place: WorkerPlace): WorkerCommand {
  const argv = [
    // A plugin without any Python 2 is not started at all.
    place.python2Path ?? 'python2.7',
    `${place.mfservHome}/python2/${script}`,
    `--timeout=${place.timeout}`,
    `--grace=${app.gracefulTimeout}`,
    `--library=${place.python2Library ?? ''}`,
    ...mountOption(place),
    ...(app.debug ? ['--debug'] : []),
    '--',
    app.entry,
    place.socket,
  ]
  return { argv, env: {} }
}
