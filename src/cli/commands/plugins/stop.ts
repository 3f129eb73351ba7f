import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { matchingPlugins } from '../../../host/plugins/match-plugins.ts'
import { withPluginLock } from '../../../host/plugins/plugin-lock.ts'
import { type Stopped, stopPlugin } from '../../../operations/plugin/stop-and-start.ts'
import type { Result } from '../../output.ts'
import { stepLine } from '../../step.ts'

export async function run([wanted]: readonly [string | undefined]): Promise<Result> {
  const paths = pathsOf(runtimeHome())
  const names = matchingPlugins(wanted, paths.plugins)
  const stopOne = async (name: string) => {
    const changer = { plugin: name, what: `plugins.stop ${name}` }
    return { name, stopped: await withPluginLock(paths, changer, () => stopPlugin(name, paths)) }
  }
  const named = await Promise.all(names.map(stopOne))
  const texts = named.map(({ name, stopped }) => textOf(name, stopped))
  return {
    data: named.map(({ name, stopped }) => ({ name, state: stopped.is })),
    text: texts.join('\n') || 'No plugin is installed.',
    exitCode: named.some(({ stopped }) => stopped.is === 'still ending') ? 1 : 0,
  }
}

function textOf(name: string, stopped: Stopped): string {
  const step = (tag: 'OK' | 'ERROR'): string => stepLine(`Stopping plugin ${name}`, tag)
  switch (stopped.is) {
    case 'stopped':
      return step('OK')
    case 'not running':
      return `${step('OK')}\nmfserv does not run; ${name} stays stopped when it does.`
    case 'still ending':
      return `${step('ERROR')}\n${stopped.workers} of its workers have not ended yet: plugins.status ${name}`
    default:
      return stopped satisfies never
  }
}
