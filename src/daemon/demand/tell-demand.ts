import { log } from '../../host/logs/logger.ts'
import { type Demand, workersFor } from '../../plan/demand/demand.ts'
import { lacksRoom } from '../../plan/demand/growth.ts'
import type { ScaledApp } from './scaled-app.ts'

/** Says in the log when an app needs another number of workers, and when the machine has no memory for one more. */
export function tellDemand({ plugin, app, scale }: ScaledApp, before: Demand | undefined, after: Demand): void {
  if (before === undefined) return
  const subject = `plugin ${plugin}: app ${app}`
  if (after.is === 'asleep') {
    if (before.is === 'awake') log('INFO', `${subject} falls asleep: no request for ${scale.sleepAfterMs / 1000} s`)
    return
  }
  if (before.is === 'asleep') {
    log('INFO', `${subject} wakes up`)
    return
  }
  const [from, to] = [workersFor(before), workersFor(after)]
  if (to !== from) {
    const why = to > from ? 'requests wait, or its workers are busy all the time' : 'fewer are enough'
    log('INFO', `${subject} gets ${to} workers in the place of ${from}: ${why}`)
  } else if (lacksRoom(after.growth, scale) && !lacksRoom(before.growth, scale)) {
    log('WARNING', `${subject} needs another worker, and the machine has too little memory left; it is added when there is some`)
  }
}
