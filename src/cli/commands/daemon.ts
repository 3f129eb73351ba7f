import type { TakesOver } from '../../daemon/hand-over.ts'
import { runningCode } from '../../host/module/running-code.ts'
import { fail, type OutputOptions } from '../output.ts'

interface Options extends OutputOptions {
  readonly takeOver?: boolean
  readonly evenSame?: boolean
}

export async function run(_args: readonly [], options: Options): Promise<undefined> {
  // Before the daemon is loaded: a file of it that is changed meanwhile then counts as changed.
  const code = runningCode()
  const { runDaemon } = await import('../../daemon/run.ts')
  const { pathsOf, runtimeHome } = await import('../../host/home/paths.ts')
  const { readMachine } = await import('../../host/module/machine.ts')
  const { nginxFront } = await import('../../host/nginx/nginx-front.ts')
  const { ensurePython } = await import('../../host/programs/python-framework.ts')
  const paths = pathsOf(runtimeHome())
  const machine = readMachine(paths, await ensurePython(paths))
  try {
    await runDaemon({ paths, machine, front: nginxFront(paths), code }, takesOver(options))
  } catch (error) {
    await fail(error, options)
    // Watched files and timers may be left, and would keep a process alive that supervises nothing.
    process.exit(1)
  }
  // After a handover the workers go on, and would keep alive the process that started them.
  process.exit()
}

function takesOver({ takeOver, evenSame }: Options): TakesOver {
  if (takeOver !== true) return 'nobody'
  return evenSame === true ? 'anyone' : 'one of other code'
}
