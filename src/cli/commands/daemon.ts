import { Daemon } from '../../daemon/daemon.ts'
import { pathsOf, runtimeHome } from '../../host/home/paths.ts'
import { readMachine } from '../../host/module/machine.ts'
import { nginxFront } from '../../host/nginx/nginx-front.ts'
import { ensurePython } from '../../host/programs/python-framework.ts'
import { fail, type OutputOptions } from '../output.ts'

export async function run(_args: readonly [], options: OutputOptions): Promise<undefined> {
  const paths = pathsOf(runtimeHome())
  const machine = readMachine(paths, await ensurePython(paths))
  try {
    await Daemon.run({ paths, machine, front: nginxFront(paths) })
  } catch (error) {
    await fail(error, options)
    // Watched files and timers may be left, and would keep a process alive that supervises nothing.
    process.exit(1)
  }
}
