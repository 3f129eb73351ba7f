import { fieldsOf } from '../../receipt/request-line.ts'
import type { Millis } from '../../time.ts'
import type { CountedRequest } from '../requests/request.ts'

/** One request as a span of a trace. */
export interface Span {
  readonly traceId: string
  readonly spanId: string
  /** Whose call it is; undefined where nginx began the trace. */
  readonly parentSpanId: string | undefined
  readonly request: CountedRequest
  readonly from: Millis
  readonly method: string
  /** Without its query, in which there may be secrets. */
  readonly path: string
}

const SAMPLED = 1

/**
 * Reads a line of the access log as a span; undefined for one that has no `traceparent`, or whose trace is not to be recorded.
 * nginx passes on the `traceparent` that it got: its own span has an id that nobody else knows, `fresh`. Where it began the trace,
 * the id of its span is the second half of that of the trace.
 */
export function spanOf(request: CountedRequest, line: string, fresh: () => string): Span | undefined {
  const { traceparent, method, uri } = fieldsOf(line) ?? {}
  const [, traceId, parent, flags] = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(String(traceparent)) ?? []
  if (traceId === undefined || parent === undefined || flags === undefined) return undefined
  if ((Number.parseInt(flags, 16) & SAMPLED) === 0) return undefined
  const isBegun = traceId.endsWith(parent)
  return {
    traceId,
    spanId: isBegun ? parent : fresh(),
    parentSpanId: isBegun ? undefined : parent,
    request,
    from: Math.max(0, request.at - request.durationMs) as Millis,
    method: typeof method === 'string' ? method : '',
    path: typeof uri === 'string' ? uri.replace(/\?.*$/s, '') : '',
  }
}
