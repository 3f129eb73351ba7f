import { fieldsOf, type RequestLine, requestLineOf } from '../receipt/request-line.ts'
import type { Level } from './level.ts'

/** A request with what tells it from others, and where its time went. */
export interface AccessLine extends RequestLine {
  readonly uri: string
  /** Empty with add_request_id_header=0. */
  readonly requestId: string
  /** What the worker took, those before it that failed included; undefined when no worker was asked. */
  readonly upstreamMs: number | undefined
  /** As nginx's error log names it: `*123`. Undefined in a line of an mfserv that did not write it. */
  readonly connection: number | undefined
}

/** Reads a line of nginx_access.log; undefined for what is none. */
export function parseAccessLine(line: string): AccessLine | undefined {
  const fields = fieldsOf(line)
  const request = fields === undefined ? undefined : requestLineOf(fields)
  if (fields === undefined || request === undefined) return undefined
  const { uri, request_id: id, upstream_response_time: upstream, connection } = fields
  return {
    ...request,
    uri: typeof uri === 'string' ? uri : '',
    requestId: typeof id === 'string' ? id : '',
    upstreamMs: typeof upstream === 'string' ? sumOf(upstream) : undefined,
    connection: typeof connection === 'number' ? connection : undefined,
  }
}

/** `0.001, 0.250`: what each server took that nginx tried. */
function sumOf(times: string): number | undefined {
  const seconds = times.split(/, | : /).flatMap((one) => (/^\d+(\.\d+)?$/.test(one) ? [Number(one)] : []))
  return seconds.length === 0 ? undefined : Math.round(seconds.reduce((sum, one) => sum + one, 0) * 1000)
}

/** What answered: `blog.main #1`, the hold (`no worker`), or nothing behind nginx. */
export function answeredBy(link: string | undefined): string {
  if (link === undefined) return '-'
  const [, plugin, app, slot] = /^([^.]+)\.([^.]+)\.(\d+)\.sock$/.exec(link) ?? []
  if (slot !== undefined) return `${plugin}/${app} #${slot}`
  return link.endsWith('.hold.sock') ? 'the hold' : link
}

/** A client that went away (0) is no failure of ours. */
export function levelOfStatus(status: number): Level {
  return status >= 500 ? 'ERROR' : status >= 400 ? 'WARNING' : 'INFO'
}

/** For people: `GET /blog/x 200 in 0.042 s by blog/main #1 {request_id=5c0d…}`. */
export function accessText(line: AccessLine): string {
  const { method, uri, status, durationMs, link, requestId } = line
  const by = link === undefined ? '' : ` by ${answeredBy(link)}`
  const id = requestId === '' ? '' : ` {request_id=${requestId}}`
  return `${method} ${uri} ${status === 0 ? 'client gone' : status} in ${(durationMs / 1000).toFixed(3)} s${by}${id}`
}
