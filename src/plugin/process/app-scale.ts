import { Problem } from '../../problem.ts'
import type { APP_KEYS } from '../keys.ts'
import type { App } from '../plugin.ts'
import type { SectionValues } from '../section.ts'

type AppValues = SectionValues<typeof APP_KEYS>

/** An app in the debugger has one worker, which neither ends nor gets another one beside it. */
export function workersOf(
  { workers: { least, most }, debug, sleep_after: sleepAfter }: AppValues['values'],
  isDynamic: boolean,
): Pick<App, 'workers' | 'scale'> {
  if (!isDynamic) return { workers: 0 }
  if (debug) return { workers: Math.min(1, most) }
  return { workers: most, ...(least < most ? { scale: { least, sleepAfter } } : {}) }
}

/** A time until it sleeps, for an app that has a worker all the time. */
export function scaleProblems(app: App | undefined, { values, given, names }: AppValues): readonly Problem[] {
  const isIdle = app !== undefined && values.workers.least > 0 && (values.sleep_after ?? 0) > 0
  if (!isIdle) return []
  const workers = names.get('workers') ?? 'workers'
  const message = `sleep_after has no effect: ${workers} does not begin with 0..`
  const fix = `Write ${workers} = 0..${values.workers.most}, or remove the line.`
  return [new Problem('INI_IGNORED_KEY', message, fix, given.get('sleep_after'))]
}
