import { setTimeout as delay } from 'node:timers/promises'
import type { TakesOver } from '../../daemon/hand-over.ts'
import { runningCode, workerCode } from '../../host/module/running-code.ts'
import { fail, type OutputOptions } from '../output.ts'

/** How often who started this daemon hears that it still prepares itself. */
const STARTING_TELL_MS = 5000

/** A service that cannot start is not tried again sooner. */
const FAILED_PAUSE_MS = 5000

interface Options extends OutputOptions {
  readonly takeOver?: boolean
  readonly evenSame?: boolean
}

export async function run(_args: readonly [], options: Options): Promise<undefined> {
  const { MFSERV_HOME, pathsOf, runtimeHome } = await import('../../host/home/paths.ts')
  const { takeServiceManager } = await import('../../host/service/service-manager.ts')
  const paths = pathsOf(runtimeHome())
  // It may begin this process anew.
  const manager = takeServiceManager(paths)
  // Before the daemon is loaded: a file of it that is changed meanwhile then counts as changed.
  const workers = workerCode()
  const code = runningCode(MFSERV_HOME, workers)
  const { runDaemon } = await import('../../daemon/run.ts')
  const { readMachine } = await import('../../host/module/machine.ts')
  const { nginxFront } = await import('../../host/nginx/nginx-front.ts')
  const { ensurePython } = await import('../../host/programs/python-framework.ts')
  // At its first start it may have to install packages, over whatever network there is.
  const telling = setInterval(() => manager.starts(), STARTING_TELL_MS)
  const python = await ensurePython(paths).finally(() => clearInterval(telling))
  const machine = readMachine(paths, python, process.env, workers)
  try {
    await runDaemon({ paths, machine, front: nginxFront(paths), code, manager }, takesOver(options))
  } catch (error) {
    manager.status(`it did not start: ${error instanceof Error ? error.message : String(error)}`)
    await fail(error, options)
    // systemd tries again at once and for ever, and what is wrong takes a person.
    if (manager.is === 'systemd') await delay(FAILED_PAUSE_MS)
    // Watched files and timers may be left, and would keep a process alive that supervises nothing.
    process.exit(1)
  }
  // After a handover the workers go on, and would keep alive the process that started them. 0, as until now it had no answer.
  process.exit(0)
}

function takesOver({ takeOver, evenSame }: Options): TakesOver {
  if (takeOver !== true) return 'nobody'
  return evenSame === true ? 'anyone' : 'one of other code'
}
