import { resolve } from 'node:path'
import type { PluginReport } from '../../control/protocol.ts'
import { answersData, answersText, isCutOff, type Reach } from '../../control/reachable.ts'
import { pluginTrouble } from '../../control/trouble-text.ts'
import { pathsOf, runtimeHome } from '../../host/home/paths.ts'
import { askUrls } from '../../operations/plugin/ask-urls.ts'
import { developPlugin } from '../../operations/plugin/develop.ts'
import { isWarning } from '../../problem.ts'
import { progress, type Result } from '../output.ts'

interface DevelopOptions {
  readonly pluginPath?: string
  readonly ignoreAlreadyInstalled?: true
  readonly checked?: true
  readonly follow?: true
  readonly json?: true
}

export async function run([name]: readonly [string | undefined], options: DevelopOptions): Promise<Result> {
  const { pluginPath = '.', checked, follow, json } = options
  const home = resolve(pluginPath)
  const paths = pathsOf(runtimeHome())
  const developed = await developPlugin(home, name, paths, progress)
  if (developed.is === 'linked') {
    return {
      data: { name: developed.name, home, state: 'linked' },
      text: `${developed.name} is installed as a development link. It is served once mfserv runs: mfserv.start`,
    }
  }
  const { plugin } = developed
  const result = await outcome(plugin, { ...developed, shown: checked === true ? 'errors' : 'everything' })
  if (follow !== true || plugin === undefined) return result
  const after = async (): Promise<void> => {
    const { followDeveloped } = await import('../logs/follow-dev.ts')
    await followDeveloped({ name: plugin.name, home, plugin, json: json === true }, paths)
  }
  return { ...result, after }
}

interface Asked {
  readonly name: string
  /** Undefined when the daemon ended meanwhile. */
  readonly reach: Reach | undefined
  readonly shown: 'errors' | 'everything'
}

async function outcome(plugin: PluginReport | undefined, { name, reach, shown }: Asked): Promise<Result> {
  if (plugin === undefined || reach === undefined)
    return { data: null, text: `${name} is not served:\nmfserv stopped meanwhile.`, exitCode: 1 }
  const trouble = pluginTrouble(shown === 'errors' ? withoutWarnings(plugin) : plugin)
  if (plugin.state === 'serving') {
    const answers = await askUrls(plugin.apps, reach)
    const text = [answersText(name, plugin.apps, reach, answers), ...trouble].join('\n')
    return { data: { ...plugin, reach, answers: answersData(answers) }, text, exitCode: isCutOff(plugin.apps, reach) ? 1 : 0 }
  }
  return { data: plugin, text: [`${name} is ${plugin.state}:`, ...trouble, ...meanwhile(plugin)].join('\n'), exitCode: 1 }
}

/** Who answers requests although something is wrong. */
function meanwhile({ apps, problems }: PluginReport): readonly string[] {
  const isServing = apps.some(({ slots }) => slots.some(({ pid }) => pid !== null))
  // What is wrong with a fragment says itself what is served.
  if (!isServing || problems.some(({ code }) => code.startsWith('NGINX_'))) return []
  return [MEANWHILE]
}

/** A new version that is refused leaves the one before; of one that is new, some workers may have come up. */
const MEANWHILE = 'Meanwhile requests are answered by the version before, or by the workers that did start.'

/** Without those of its own files: warnings for its overrides are told by nobody else. */
function withoutWarnings(plugin: PluginReport): PluginReport {
  const problems = plugin.problems.filter(({ code, file }) => !isWarning(code) || file?.startsWith(`${plugin.home}/`) !== true)
  return { ...plugin, problems }
}
