import { pluginTrouble } from '../../../control/trouble-text.ts'
import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { installedName } from '../../../host/plugins/find-plugin.ts'
import { withPluginLock } from '../../../host/plugins/plugin-lock.ts'
import { type Scaled, scaleApp } from '../../../operations/plugin/scale.ts'
import { boundsText, type WorkerBounds } from '../../../plugin/keys/scale-keys.ts'
import { Problem } from '../../../problem.ts'
import type { Result } from '../../output.ts'
import { stepLine } from '../../step.ts'

export async function run([wanted, ...words]: readonly [string, string, string | undefined]): Promise<Result> {
  const paths = pathsOf(runtimeHome())
  const name = installedName(wanted, paths.plugins)
  const [first, second] = words
  const scale = second === undefined ? { app: undefined, workers: first } : { app: first, workers: second }
  if (second === undefined && !/^-?\d/.test(first)) {
    throw new Problem('USAGE', `the number of workers of "${first}" is missing`, `plugins.scale ${name} ${first} NUMBER`)
  }
  const changer = { plugin: name, what: `plugins.scale ${name}` }
  const scaled = await withPluginLock(paths, changer, () => scaleApp({ plugin: name, ...scale }, paths, process.env))
  const { app, from, to, file, report } = scaled
  const isGood = report === undefined || isThere(scaled)
  return {
    data: { plugin: name, app, from: boundsData(from), to: boundsData(to), file, state: report?.state ?? null },
    text: textOf(name, scaled, isGood),
    exitCode: isGood ? 0 : 1,
  }
}

function isThere({ app, to, report }: Scaled): boolean {
  if (report?.state === 'stopped') return true
  const slots = report?.apps.find(({ name }) => name === app)?.slots ?? []
  const isAsleep = slots.some(({ actual }) => actual === 'asleep')
  return isAsleep || (slots.length >= to.least && slots.length <= to.most && slots.every(({ actual }) => actual === 'ready'))
}

/** A number as ever; two as they are written. */
function boundsData(bounds: WorkerBounds): number | string {
  return bounds.least === bounds.most ? bounds.most : boundsText(bounds)
}

function textOf(name: string, { app, from, to, file, report }: Scaled, isGood: boolean): string {
  const step = stepLine(`Scaling ${app} of plugin ${name} from ${boundsText(from)} to ${boundsText(to)}`, isGood ? 'OK' : 'ERROR')
  const stays = `${file} says so from now on.`
  if (report === undefined) return [step, `mfserv does not run; ${name} has them when it does.`, stays].join('\n')
  return [step, stays, ...(isGood ? [] : pluginTrouble(report))].join('\n')
}
