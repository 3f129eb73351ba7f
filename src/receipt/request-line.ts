import type { Millis } from '../time.ts'

/** One request as the access log has it. */
export interface RequestLine {
  /** When its answer was complete. */
  readonly at: Millis
  readonly plugin: string
  readonly app: string
  readonly method: string
  /** 0 when the client went away before there was one. */
  readonly status: number
  readonly durationMs: number
  /** The link of the slot that answered, such as `blog.main.1.sock`, or of the hold; undefined for files and for nginx's own answers. */
  readonly link: string | undefined
}

/** Reads a line of nginx_access.log; undefined for what is none, such as the torn first line of a piece of the file. */
export function parseRequestLine(line: string): RequestLine | undefined {
  const fields = fieldsOf(line)
  return fields === undefined ? undefined : requestLineOf(fields)
}

/** The members of one line, whatever they are. */
export type Fields = Readonly<Record<string, unknown>>

export function requestLineOf(fields: Fields): RequestLine | undefined {
  const { plugin, app, method, status, duration, upstream_addr: upstream } = fields
  const at = timeOf(fields)
  if (typeof plugin !== 'string' || typeof status !== 'number' || typeof duration !== 'number' || at === undefined)
    return undefined
  return {
    at,
    plugin,
    app: typeof app === 'string' ? app : '',
    method: typeof method === 'string' ? method : '',
    status,
    durationMs: Math.round(duration * 1000),
    link: typeof upstream === 'string' ? linkOf(upstream) : undefined,
  }
}

export function fieldsOf(line: string): Fields | undefined {
  try {
    const fields: unknown = JSON.parse(line)
    return isRecord(fields) ? fields : undefined
  } catch {
    // Half a line, or one that a fragment's own members broke.
    return undefined
  }
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Lines of an mfserv without the member `time` have whole seconds. */
function timeOf({ time, '@timestamp': stamp }: Fields): Millis | undefined {
  const at = typeof time === 'number' ? Math.round(time * 1000) : typeof stamp === 'string' ? Date.parse(stamp) : Number.NaN
  return Number.isNaN(at) ? undefined : (at as Millis)
}

/** nginx names every server that it tried; the last one answered. */
function linkOf(upstream: string): string | undefined {
  const last = upstream.replace(/^.*(, | : )/, '')
  // A worker at which clients stay is asked by its own name, not by the link that leads to it.
  return last.startsWith('unix:') ? last.slice(last.lastIndexOf('/') + 1).replace(/\.g\d+(\.sock)(?::.*)?$/, '$1') : undefined
}
