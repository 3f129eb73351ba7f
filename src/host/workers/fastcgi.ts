import { connect } from 'node:net'

const VERSION = 1
const TYPE = { beginRequest: 1, endRequest: 3, parameters: 4, stdin: 5, stdout: 6 } as const
const RESPONDER = [0, 1, 0, 0, 0, 0, 0, 0]
/** The only one: nginx and mfserv have one request on a connection. */
const REQUEST_ID = 1
const RECORD_HEAD_BYTES = 8

/** Sends one GET for the script `path` over FastCGI; true when anything of that protocol comes back. */
export function answersFastcgi(socketPath: string, path: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path: socketPath, signal })
    socket.once('data', (answer) => {
      socket.destroy()
      resolve(answer[0] === VERSION)
    })
    // A refused or missing socket, or an abort: the caller asks again or gives up.
    socket.on('error', () => resolve(false))
    socket.on('close', () => resolve(false))
    socket.write(fastcgiGet(path))
  })
}

export function fastcgiGet(path: string): Buffer {
  const parameters = { REQUEST_METHOD: 'GET', SCRIPT_NAME: path, SCRIPT_FILENAME: path, REQUEST_URI: path, QUERY_STRING: '' }
  const pairs = Object.entries(parameters).map(([name, value]) => Buffer.from(`${sized(name)}${sized(value)}${name}${value}`))
  return Buffer.concat([
    record(TYPE.beginRequest, Buffer.from(RESPONDER)),
    record(TYPE.parameters, Buffer.concat(pairs)),
    record(TYPE.parameters, Buffer.alloc(0)),
    record(TYPE.stdin, Buffer.alloc(0)),
  ])
}

/** A whole answer: headers as of CGI, an empty line, and the body. */
export function fastcgiAnswer(text: string): Buffer {
  return Buffer.concat([record(TYPE.stdout, Buffer.from(text)), record(TYPE.endRequest, Buffer.alloc(RECORD_HEAD_BYTES))])
}

/** The beginning of a request up to its last parameter, and all that has come with it; undefined while that is not there. */
export function fastcgiHead(
  bytes: Buffer,
): { readonly bytes: Buffer; readonly parameters: ReadonlyMap<string, string> } | undefined {
  const parameters: Buffer[] = []
  let at = 0
  while (at + RECORD_HEAD_BYTES <= bytes.length) {
    const length = bytes.readUInt16BE(at + 4)
    const content = at + RECORD_HEAD_BYTES
    if (bytes[at + 1] === TYPE.parameters && length === 0) return { bytes, parameters: pairsIn(Buffer.concat(parameters)) }
    if (bytes[at + 1] === TYPE.parameters) parameters.push(bytes.subarray(content, content + length))
    at = content + length + (bytes[at + 6] ?? 0)
  }
  return undefined
}

function pairsIn(parameters: Buffer): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>()
  let at = 0
  while (at < parameters.length) {
    const name = lengthAt(parameters, at)
    const value = lengthAt(parameters, name.next)
    const end = value.next + name.length
    pairs.set(parameters.toString('latin1', value.next, end), parameters.toString('latin1', end, end + value.length))
    at = end + value.length
  }
  return pairs
}

/** A length is one byte, or four with the highest bit set. */
function lengthAt(bytes: Buffer, at: number): { readonly length: number; readonly next: number } {
  const first = bytes[at] ?? 0
  if (first < 128 || at + 4 > bytes.length) return { length: first, next: at + 1 }
  return { length: bytes.readUInt32BE(at) & 0x7fffffff, next: at + 4 }
}

/** The length of a text of less than 128 bytes, as the protocol writes it. */
function sized(text: string): string {
  return String.fromCharCode(text.length)
}

function record(type: number, content: Buffer): Buffer {
  const head = Buffer.from([VERSION, type, 0, REQUEST_ID, content.length >> 8, content.length & 255, 0, 0])
  return Buffer.concat([head, content])
}
