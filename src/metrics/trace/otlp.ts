import type { Span } from './span.ts'

const SERVER = 2
const ERROR = 2
const MOST_PATH = 1000

type Value = { readonly stringValue: string } | { readonly intValue: string }

interface Attribute {
  readonly key: string
  readonly value: Value
}

/** The body of a POST to `/v1/traces`, by the JSON encoding of OTLP. */
export function otlpBody(spans: readonly Span[], version: string): string {
  const resource = { attributes: [text('service.name', 'mfserv'), text('service.version', version)] }
  const scopeSpans = [{ scope: { name: 'mfserv', version }, spans: spans.map(encoded) }]
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans }] })
}

function encoded({ traceId, spanId, parentSpanId, request, from, method, path }: Span): object {
  const { plugin, app, kind, status, at, receivedBytes, sentBytes } = request
  return {
    traceId,
    spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    name: `${method} ${app === '' ? plugin : `${plugin}/${app}`}`,
    kind: SERVER,
    startTimeUnixNano: nanoseconds(from),
    endTimeUnixNano: nanoseconds(at),
    attributes: [
      text('http.request.method', method),
      text('url.path', path.slice(0, MOST_PATH).toWellFormed()),
      whole('http.response.status_code', status),
      whole('http.request.size', receivedBytes),
      whole('http.response.size', sentBytes),
      text('mfserv.plugin', plugin),
      text('mfserv.app', app),
      text('mfserv.kind', kind),
    ],
    ...(status >= 500 ? { status: { code: ERROR } } : {}),
  }
}

function text(key: string, stringValue: string): Attribute {
  return { key, value: { stringValue } }
}

/** 64 bits are more than JSON's numbers are sure to keep. */
function whole(key: string, value: number): Attribute {
  return { key, value: { intValue: String(value) } }
}

function nanoseconds(ms: number): string {
  return `${ms}000000`
}
