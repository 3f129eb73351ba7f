import { type Read, whole } from '../../config/value.ts'
import { key, type PluginKey } from '../key.ts'
import { AGE, MOST_WORKERS } from './values.ts'

/** Between these numbers the workers of an app are as many as its requests need. */
export interface WorkerBounds {
  readonly least: number
  readonly most: number
}

/** A number, or two as `0..4`. */
export const workerBounds: Read<WorkerBounds> = (written) => {
  const [, from, to] = /^(\d{1,6}) ?\.\. ?(\d{1,6})$/.exec(written) ?? [undefined, written, written]
  const [least, most] = [from, to].map((text) => whole(0, MOST_WORKERS)(text ?? ''))
  const isRead = least !== undefined && most !== undefined && 'value' in least && 'value' in most
  if (isRead && least.value <= most.value) return { value: { least: least.value, most: most.value } }
  return { expected: `a whole number from 0 to ${MOST_WORKERS}, or two such as 0..4` }
}

/** As it is written. */
export function boundsText({ least, most }: WorkerBounds): string {
  return least === most ? String(most) : `${least}..${most}`
}

export const SCALE_KEYS = {
  workers: key(
    'workers / numprocesses',
    workerBounds,
    '0',
    'How many workers run at the same time. 0: the app is not served. A worker of python3_sync answers one request at a time. {{MFCOM_HARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2}} is twice the number of cores of the machine. 1..4: as many as the requests need, from 1 to 4. 0..4: none while nobody asks, see sleep_after; then as with 1..4. With debug=1 there is one worker all the time.',
    { template: '{{MFCOM_HARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2}}' },
  ),
  sleep_after: key(
    'sleep_after',
    secondsOrAuto,
    'AUTO',
    'Seconds without a request after which an app with workers = 0..4, or another number behind the 0.., falls asleep: its workers end. The next request waits until a worker has started, and none is lost. Daemons and cron jobs go on. 0: it never sleeps. AUTO: the sleep_after of [supervisor] in the configuration of the module.',
  ),
} as const satisfies Record<string, PluginKey<unknown>>

/** Undefined is AUTO: as the module says. */
function secondsOrAuto(written: string): ReturnType<Read<number | undefined>> {
  if (written === 'AUTO') return { value: undefined }
  const read = whole(0, AGE)(written)
  return 'value' in read ? read : { expected: `${read.expected}, or AUTO` }
}
