import type { Command } from 'commander'
import type { OutputOptions } from '../output.ts'

export function register(program: Command): void {
  program
    .command('daemon')
    .description('Run the supervisor in the foreground; mfserv.start does it for you.')
    .action(async (_options, command: Command) => {
      const { Daemon } = await import('../../daemon/daemon.ts')
      const { nginxFront } = await import('../../host/nginx/nginx-front.ts')
      const { readMachine } = await import('../../host/module/machine.ts')
      const { fail } = await import('../output.ts')
      const { pathsOf, runtimeHome } = await import('../../host/home/paths.ts')
      const { ensurePython } = await import('../../host/programs/python-framework.ts')
      const paths = pathsOf(runtimeHome())
      const machine = readMachine(paths, await ensurePython(paths))
      try {
        await Daemon.run({ paths, machine, front: nginxFront(paths) })
      } catch (error) {
        await fail(error, command.optsWithGlobals<OutputOptions>())
        // Watched files and timers may be left, and would keep a process alive that supervises nothing.
        process.exit(1)
      }
    })
}
