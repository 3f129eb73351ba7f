import type { Command } from 'commander'

export function register(program: Command): void {
  program
    .command('daemon')
    .description('Run the supervisor in the foreground; mfserv.start does it for you.')
    .action(async () => {
      const { Daemon } = await import('../../daemon/daemon.ts')
      const { nginxFront } = await import('../../host/nginx.ts')
      const { readMachine } = await import('../../host/machine.ts')
      const { pathsOf, runtimeHome } = await import('../../host/paths.ts')
      const { ensurePython } = await import('../../host/python-framework.ts')
      const paths = pathsOf(runtimeHome())
      const machine = readMachine(paths, await ensurePython(paths))
      await Daemon.run({ paths, machine, front: nginxFront(paths) })
    })
}
