import { pathsOf, runtimeHome } from '../../host/home/paths.ts'
import { stopModule } from '../../operations/module/stop.ts'
import type { Result } from '../output.ts'

export async function run(): Promise<Result> {
  const stopped = await stopModule(pathsOf(runtimeHome()))
  switch (stopped.is) {
    case 'not running':
      return { data: { status: 'STOPPED' }, text: 'mfserv does not run.' }
    case 'stopped':
      return { data: { status: 'STOPPED' }, text: 'mfserv is STOPPED.' }
    case 'still stopping': {
      const text = `mfserv is still ${stopped.report?.status ?? 'STOPPING'}. What goes on: mfserv.status`
      return { data: stopped.report ?? null, text, exitCode: 1 }
    }
  }
}
