import { randomBytes } from 'node:crypto'
import type { Settings } from '../../config/settings.ts'
import { Datagrams } from '../../host/metrics/datagrams.ts'
import type { Hear } from '../../host/metrics/request-log.ts'
import { SpanQueue } from '../../host/metrics/span-queue.ts'
import { placeOf } from '../../metrics/page/listen.ts'
import type { Told } from '../../metrics/page/render.ts'
import { Statsd } from '../../metrics/statsd/statsd.ts'
import { spanOf } from '../../metrics/trace/span.ts'
import { one } from './of-status.ts'

/** Where requests are told besides the page: each as it is counted. */
export interface Outlets {
  readonly hear: Hear | undefined
  /** Sends what was heard since. */
  readonly flush: () => void
  /** What the page says of them. */
  readonly told: () => Told
  readonly close: () => void
}

export function outletsOf({ metrics }: Settings, version: string): Outlets {
  const place = placeOf(metrics.statsd)
  const datagrams = place === undefined ? undefined : new Datagrams(place)
  const statsd = new Statsd()
  const spans = metrics.otlp === '' ? undefined : new SpanQueue(metrics.otlp, version)
  const fresh = (): string => randomBytes(8).toString('hex')
  const hear: Hear = (request, line) => {
    if (datagrams !== undefined) statsd.add(request)
    const span = spans === undefined ? undefined : spanOf(request, line, fresh)
    if (span !== undefined) spans?.add(span)
  }
  return {
    hear: datagrams === undefined && spans === undefined ? undefined : hear,
    flush: () => {
      datagrams?.send(statsd.flush())
      spans?.flush()
    },
    told: () =>
      spans === undefined
        ? {}
        : { mfserv_traces_exported: [one({}, spans.exported)], mfserv_traces_dropped: [one({}, spans.dropped)] },
    close: () => datagrams?.close(),
  }
}
