import type { ServerSettings } from '../../desired/desired.ts'
import { map } from '../headers.ts'
import { type NginxText, nginx } from '../quote.ts'

/**
 * A `traceparent` of W3C Trace Context that is taken over: of version 00, or of a later one in the form of that. No version is
 * ff, and neither of the two ids is zero.
 */
const VALID = nginx`"~^(?!ff)[0-9a-f]{2}-(?!0{32})(?<mfserv_traced>[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$"`

/**
 * The variables of the trace that a request belongs to. A valid trace is passed on as it came. Else nginx begins one that is to be
 * recorded: its id is 16 random bytes, and nginx's own part of it, which the app is told as its parent, the second half of them.
 */
export function traceVariables({ trace }: ServerSettings): readonly NginxText[] {
  if (!trace) return []
  return [
    map(nginx`$http_traceparent`, 'mfserv_trace_id', [nginx`default $request_id;`, nginx`${VALID} $mfserv_traced;`]),
    map(nginx`$request_id`, 'mfserv_begun_trace', [
      nginx`default "";`,
      nginx`"~^(?<mfserv_trace_begun>.{16}(?<mfserv_span_begun>.{16}))$" "00-$mfserv_trace_begun-$mfserv_span_begun-01";`,
    ]),
    map(nginx`$http_traceparent`, 'mfserv_traceparent', [
      nginx`default $mfserv_begun_trace;`,
      nginx`${VALID} $http_traceparent;`,
    ]),
    // What vendors add to a trace says nothing in another one.
    map(nginx`$http_traceparent`, 'mfserv_tracestate', [nginx`default "";`, nginx`${VALID} $http_tracestate;`]),
  ]
}
