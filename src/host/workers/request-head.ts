import type { Socket } from 'node:net'
import { FACES_OF_HOLD, type FaceOfHold } from '../../config/own-paths.ts'
import { fastcgiAnswer, fastcgiHead } from './fastcgi.ts'

/** What has been read of a request: its whole head, as it is to be passed on. */
export interface Head {
  readonly bytes: Buffer
  readonly method: string
  readonly url: string
  /** Empty when nginx gives none. */
  readonly id: string
  /** Seconds it was inside a worker that ended without an answer, as nginx tells; undefined when it was inside none. */
  readonly insideSeconds: number | undefined
  /** Nothing follows: a worker that had not read all of it had not begun with it. */
  readonly isAll: boolean
  /** nginx gives the answer of mfserv itself its face, by one of FACES_OF_HOLD. */
  readonly isFaced: boolean
  /** It asks for a page, in a browser on this machine: whoever develops the app can be shown why there is none yet. */
  readonly isDevelopers: boolean
}

export interface Answer {
  /** `503 Service Unavailable`. */
  readonly status: string
  readonly body: string
  readonly retryAfterSeconds?: number
  /** The location of nginx that answers instead, where nginx has it. */
  readonly face: FaceOfHold
}

export const BUSY: Answer = {
  status: '503 Service Unavailable',
  body: 'No worker of this application is ready. Try again in a moment.\n',
  retryAfterSeconds: 5,
  face: 'held',
}
export const PAUSED: Answer = { ...BUSY, body: 'This application is paused. Try again in a moment.\n', face: 'paused' }
export const ENDED: Answer = {
  status: '502 Bad Gateway',
  body: 'The worker that handled this request ended without an answer.\n',
  face: 'ended',
}

export function failing(nextTryMs: number): Answer {
  const retryAfterSeconds = Math.max(1, Math.ceil(nextTryMs / 1000))
  const body = `This application failed to start. It is tried again in ${retryAfterSeconds} s.\n`
  return { ...BUSY, body, retryAfterSeconds, face: 'failing' }
}

/** What the hold must know of the language that nginx speaks with the app. */
export interface Protocol {
  /** The head at the beginning of these bytes; undefined while it is not whole. */
  readonly head: (bytes: Buffer) => Head | undefined
  readonly answer: (answer: Answer, head: Head) => string | Buffer
}

/** nginx sends the head at once; one that is longer than this is passed on as it is. */
export const LONGEST_HEAD_BYTES = 65_536

export const HTTP: Protocol = {
  head: httpHead,
  answer: (answer, head) =>
    [`HTTP/1.1 ${answer.status}`, ...headersOf(answer, head), 'Connection: close', '', answer.body].join('\r\n'),
}

const FASTCGI: Protocol = {
  head: fastcgiHeadOf,
  answer: (answer, head) => fastcgiAnswer([`Status: ${answer.status}`, ...headersOf(answer, head), '', answer.body].join('\r\n')),
}

/** A record of FastCGI begins with the version of the protocol, a request of HTTP with a letter. */
const FASTCGI_BEGINS = 1

export function protocolOf(bytes: Buffer): Protocol {
  return bytes[0] === FASTCGI_BEGINS ? FASTCGI : HTTP
}

/** Reads from a client until the head of its request is whole; then the client is paused. */
export function readHead(client: Socket, whole: (protocol: Protocol, head: Head) => void): void {
  let bytes: Buffer = Buffer.alloc(0)
  const read = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk])
    const protocol = bytes.length === 0 ? HTTP : protocolOf(bytes)
    const head = protocol.head(bytes)
    if (head === undefined && bytes.length < LONGEST_HEAD_BYTES) return
    client.pause()
    client.off('data', read)
    whole(protocol, head ?? unknownHead(bytes))
  }
  client.on('data', read)
}

/** A head that is too long to be read: it is passed on, and nothing is known of it. */
export function unknownHead(bytes: Buffer): Head {
  return { bytes, method: '', url: '', id: '', insideSeconds: undefined, isAll: false, isFaced: false, isDevelopers: false }
}

function headersOf({ body, retryAfterSeconds, face }: Answer, { isFaced }: Head): readonly string[] {
  const retry = retryAfterSeconds === undefined ? [] : [`Retry-After: ${retryAfterSeconds}`]
  const redirect = isFaced ? [`X-Accel-Redirect: ${FACES_OF_HOLD[face]}`] : []
  return ['Content-Type: text/plain; charset=utf-8', `Content-Length: ${Buffer.byteLength(body)}`, ...retry, ...redirect]
}

function httpHead(bytes: Buffer): Head | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const text = bytes.subarray(0, end).toString('latin1')
  const [, method = '', url = ''] = /^(\S{1,16}) (\S+)/.exec(text) ?? []
  const hasBody = /\r\n(?:content-length: *[1-9]|transfer-encoding:)/i.test(text)
  return {
    bytes: closing(bytes, end, text),
    method,
    url,
    id: headerIn(text, 'x-request-id'),
    ...tried(headerIn(text, 'x-mfserv-tried')),
    isAll: !hasBody,
  }
}

/**
 * Makes the request the last on its connection. One that nginx kept would lead to the same worker after its end, and the hold
 * cannot tell where one answer ends and the next begins.
 */
function closing(bytes: Buffer, end: number, head: string): Buffer {
  // A websocket's Connection header must stay, and nothing follows on its connection anyway.
  if (/\r\nconnection:/i.test(head)) return bytes
  return Buffer.concat([bytes.subarray(0, end), Buffer.from('\r\nConnection: close'), bytes.subarray(end)])
}

function headerIn(head: string, name: string): string {
  return new RegExp(`\\r\\n${name}: *([^\\r]*)`, 'i').exec(head)?.[1] ?? ''
}

/** A script of FastCGI may begin before the last record has been read, so what was not read tells nothing. */
function fastcgiHeadOf(bytes: Buffer): Head | undefined {
  const read = fastcgiHead(bytes)
  if (read === undefined) return undefined
  const of = (name: string): string => read.parameters.get(name) ?? ''
  return {
    bytes: read.bytes,
    method: of('REQUEST_METHOD'),
    url: of('REQUEST_URI'),
    id: of('HTTP_X_REQUEST_ID'),
    ...tried(of('HTTP_X_MFSERV_TRIED')),
    isAll: false,
  }
}

/**
 * `0`: no worker took it. `1 SECONDS`: one ended with it. Empty: nginx has not tried any. `faced` behind it: an nginx that was
 * configured by an mfserv without faces does not have their locations. `page` behind that: see `isDevelopers`.
 */
function tried(text: string): Pick<Head, 'insideSeconds' | 'isFaced' | 'isDevelopers'> {
  const [, seconds] = /^1 ([\d.]+)/.exec(text) ?? []
  const [, faced, page] = / (faced)( page)?$/.exec(text) ?? []
  return {
    insideSeconds: seconds === undefined ? undefined : Number(seconds),
    isFaced: faced !== undefined,
    isDevelopers: page !== undefined,
  }
}
