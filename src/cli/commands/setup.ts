import type { Command } from 'commander'
import type { OutputOptions } from '../output.ts'

export function register(program: Command): void {
  program
    .command('setup')
    .description('Install what mfserv needs and this machine lacks: nginx, and the Python packages of the framework.')
    .action(async (_options, command: Command) => {
      const { print, progress } = await import('../output.ts')
      const { pathsOf, runtimeHome } = await import('../../host/home/paths.ts')
      const { ensureNginx } = await import('../../host/nginx/install.ts')
      const { ensurePython } = await import('../../host/programs/python-framework.ts')
      const paths = pathsOf(runtimeHome())
      const nginx = await ensureNginx(paths, progress)
      const python = await ensurePython(paths, progress)
      const found = { nginx: nginx.path, python3: python.python3, uv: python.uv ?? null }
      print({ data: found, text: '' }, command.optsWithGlobals<OutputOptions>())
    })
}
