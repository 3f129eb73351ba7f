import { maintenanceText } from '../../../control/aside-text.ts'
import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { matchingPlugins } from '../../../host/plugins/match-plugins.ts'
import { withPluginLock } from '../../../host/plugins/plugin-lock.ts'
import { readMaintenance, setMaintenance } from '../../../operations/plugin/maintenance.ts'
import type { Aside } from '../../../plugin/aside.ts'
import { Problem } from '../../../problem.ts'
import type { Result } from '../../output.ts'
import { stepLine } from '../../step.ts'

interface MaintenanceOptions {
  readonly page?: string
  readonly retryAfter?: string
}

export async function run([wanted, word]: readonly [string, string], options: MaintenanceOptions): Promise<Result> {
  const paths = pathsOf(runtimeHome())
  const names = matchingPlugins(wanted, paths.plugins)
  const { page, retryAfter } = options
  if (word === 'off' && (page !== undefined || retryAfter !== undefined)) {
    throw new Problem('USAGE', '--page and --retry-after belong to "on"', 'Leave them out, or write on.')
  }
  const decided = word === 'off' ? word : readMaintenance(page, retryAfter)
  const decide = async (name: string) => {
    const changer = { plugin: name, what: `plugins.maintenance ${name} ${word}` }
    return { name, maintenance: await withPluginLock(paths, changer, () => setMaintenance(name, decided, paths)) }
  }
  const all = await Promise.all(names.map(decide))
  return {
    data: all.map(({ name, maintenance }) => ({ name, maintenance: dataOf(maintenance) })),
    text: all.map(({ name, maintenance }) => textOf(name, maintenance)).join('\n'),
  }
}

function dataOf(maintenance: Extract<Aside, { is: 'maintenance' }> | undefined) {
  if (maintenance === undefined) return null
  const { retryAfterSeconds, hasPage } = maintenance
  return { retryAfterSeconds, hasPage }
}

function textOf(name: string, maintenance: Extract<Aside, { is: 'maintenance' }> | undefined): string {
  if (maintenance === undefined) return stepLine(`Ending maintenance of plugin ${name}`, 'OK')
  return `${stepLine(`Beginning maintenance of plugin ${name}`, 'OK')}\n${name} is in maintenance${maintenanceText(maintenance)}.`
}
