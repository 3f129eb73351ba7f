import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { matchingPlugins } from '../../../host/plugins/match-plugins.ts'
import { withPluginLock } from '../../../host/plugins/plugin-lock.ts'
import { type Resumed, resumePlugin } from '../../../operations/plugin/pause.ts'
import type { Result } from '../../output.ts'
import { stepLine } from '../../step.ts'

export async function run([wanted]: readonly [string]): Promise<Result> {
  const paths = pathsOf(runtimeHome())
  const resumeOne = async (name: string) => {
    const changer = { plugin: name, what: `plugins.resume ${name}` }
    return { name, resumed: await withPluginLock(paths, changer, () => resumePlugin(name, paths)) }
  }
  const all = await Promise.all(matchingPlugins(wanted, paths.plugins).map(resumeOne))
  return {
    data: all.map(({ name, resumed }) => ({ name, ...resumed })),
    text: all.map(({ name, resumed }) => textOf(name, resumed)).join('\n'),
  }
}

function textOf(name: string, resumed: Resumed): string {
  const step = stepLine(`Resuming plugin ${name}`, 'OK')
  if (resumed.is === 'not running') return `${step}\nmfserv does not run; ${name} is not paused when it does.`
  return resumed.held === 0 ? step : `${step}\n${resumed.held} requests waited.`
}
