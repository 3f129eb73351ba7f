import { type AppCounts, BUCKETS } from '../requests/counts.ts'
import type { Told } from './render.ts'

/** What the page tells of the requests. */
export function toldOfRequests(all: readonly AppCounts[]): Told {
  return {
    mfserv_requests: all.flatMap(({ plugin, app, requests }) =>
      Object.entries(requests).map(([name, value]) => {
        const [kind = '', status = ''] = name.split(' ')
        return { labels: { plugin, app, kind, status }, value }
      }),
    ),
    mfserv_request_duration_seconds: all.map(({ plugin, app, buckets, durationMs }) => ({
      labels: { plugin, app },
      bounds: BUCKETS,
      counts: buckets,
      sum: durationMs / 1000,
    })),
    mfserv_request_bytes: all.map(({ plugin, app, receivedBytes: value }) => ({ labels: { plugin, app }, value })),
    mfserv_response_bytes: all.map(({ plugin, app, sentBytes: value }) => ({ labels: { plugin, app }, value })),
  }
}
