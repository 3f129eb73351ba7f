import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { readModule } from '../../../host/module/module-environment.ts'
import { matchingPlugins } from '../../../host/plugins/match-plugins.ts'
import { withPluginLock } from '../../../host/plugins/plugin-lock.ts'
import { type Paused, pausePlugin } from '../../../operations/plugin/pause.ts'
import type { Result } from '../../output.ts'
import { stepLine } from '../../step.ts'

interface Bound {
  readonly seconds: number
  readonly requests: number
}

export async function run([wanted]: readonly [string]): Promise<Result> {
  const paths = pathsOf(runtimeHome())
  const { supervisor } = readModule(paths, process.env).config.settings
  const bound = { seconds: supervisor.hold_timeout, requests: supervisor.hold_max }
  const pauseOne = async (name: string) => {
    const changer = { plugin: name, what: `plugins.pause ${name}` }
    return { name, paused: await withPluginLock(paths, changer, () => pausePlugin(name, paths)) }
  }
  const all = await Promise.all(matchingPlugins(wanted, paths.plugins).map(pauseOne))
  return {
    data: all.map(({ name, paused }) => ({ name, ...paused, bound })),
    text: all.map(({ name, paused }) => textOf(name, paused, bound)).join('\n'),
    exitCode: all.some(({ paused }) => paused.is === 'paused' && paused.inside > 0) ? 1 : 0,
  }
}

function textOf(name: string, paused: Paused, { seconds, requests }: Bound): string {
  const step = (tag: 'OK' | 'ERROR'): string => stepLine(`Pausing plugin ${name}`, tag)
  if (paused.is === 'not running') return `${step('OK')}\nmfserv does not run; ${name} is paused when it does.`
  const held = `Requests for ${name} wait up to ${seconds} s (hold_timeout), ${requests} of each app (hold_max); then they get 503. To have it back: plugins.resume ${name}`
  if (paused.inside === 0) return `${step('OK')}\n${held}`
  const inside = `${paused.inside} requests that came before are still inside its workers, and go on.`
  return [step('ERROR'), inside, held].join('\n')
}
