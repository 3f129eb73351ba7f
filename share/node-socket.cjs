'use strict'
// Loaded before a Node app: its server is reached by nginx although it listens on a port, as it does everywhere else. The first
// server of node:http that asks for a TCP port gets the socket of the worker, argv[2], instead. An app that listens on argv[2]
// itself is left alone, and so is every other server. Written for every Node that a plugin may bring.

const net = require('net')
const path = require('path')

const SOCKET = process.argv[2]
/** What the app is told where it asks which port to use. Nothing listens there. */
const PORT = '3000'
/** An app whose own code has to do with argv may be about to listen on argv[2]: its other servers wait for that, but not for long. */
const SETTLED_MS = 1000
const LOOPBACK = '127.0.0.1'

const listen = net.Server.prototype.listen
const address = net.Server.prototype.address
/** The server that has the socket, or waits for it; what it asked for, and with which arguments. */
let main
/** The app listens on the socket itself. */
let isServed = false
const told = new Set()

/** The main process alone: a thread, or a process that the app forks, has other arguments, but for those of `cluster`. */
if (isWorkerSocket(SOCKET) && isMainThread()) {
  if (process.env.PORT === undefined) process.env.PORT = PORT
  net.Server.prototype.listen = function (...words) {
    const wish = wishOf(words)
    if (wish === undefined) return listen.apply(this, words)
    if (wish.path !== undefined) {
      if (main !== undefined && main.server !== this) giveBack()
      isServed = true
      return listen.apply(this, words)
    }
    if (isServed) return listen.apply(this, words)
    if (main !== undefined && main.server !== this) {
      if (wish.port === main.wish.port && wish.port !== 0) return pretend(this, wish, words)
      tell(wish.port)
      return listen.apply(this, words)
    }
    return this instanceof require('http').Server ? take(this, wish, words) : listen.apply(this, words)
  }
}

function isWorkerSocket(word) {
  return process.env.MFSERV_WORKER !== undefined && typeof word === 'string' && /\.g\d+\.sock$/.test(word)
}

function isMainThread() {
  try {
    return require('worker_threads').isMainThread
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return true
    throw error
  }
}

/** The port, or the socket of the worker, that `listen` is called for; undefined for anything else, such as a handle or a wrong port. */
function wishOf([first, second]) {
  if (first === undefined || first === null || typeof first === 'function') return { port: 0, options: {} }
  if (typeof first === 'object') {
    if (first._handle !== undefined || first.fd !== undefined) return undefined
    // As Node reads it: the path is looked at only where there is no port.
    const isNone = first.port === null || ('port' in first && first.port === undefined)
    if (isNone || typeof first.port === 'number' || typeof first.port === 'string')
      return wishedPort(isNone ? 0 : first.port, first.host, first)
    return wishedPath(first.path)
  }
  if (typeof first === 'string' && !(Number(first) >= 0)) return wishedPath(first)
  return wishedPort(first, typeof second === 'string' ? second : undefined, {})
}

function wishedPath(word) {
  return typeof word === 'string' && path.resolve(word) === SOCKET ? { path: SOCKET } : undefined
}

function wishedPort(word, host, options) {
  const port = Number(word)
  const isPort = (typeof word === 'number' || typeof word === 'string') && Number.isInteger(port) && port >= 0 && port < 65536
  return isPort ? { port, host, options } : undefined
}

function take(server, wish, words) {
  disguise(server, wish)
  server.once('close', () => {
    if (main !== undefined && main.server === server) main = undefined
  })
  main = { server, wish, words, timer: undefined }
  const begin = () => {
    main.timer = undefined
    const { backlog, signal } = wish.options
    const options = { path: SOCKET, ...(backlog === undefined ? {} : { backlog }), ...(signal === undefined ? {} : { signal }) }
    return listen.call(server, options, ...words.filter((word) => typeof word === 'function'))
  }
  if (!hasToDoWithArguments()) return begin()
  main.timer = setTimeout(begin, SETTLED_MS)
  return server
}

/** Looks to the app, and to what it logs, as it would on its port: some refuse a client without an address. */
function disguise(server, wish) {
  server.address = () => (typeof address.call(server) === 'string' ? addressOf(wish) : address.call(server))
  server.on('connection', (socket) => {
    const ends = { remoteAddress: LOOPBACK, remoteFamily: 'IPv4', remotePort: 0, localAddress: LOOPBACK, localPort: addressOf(wish).port }
    for (const name of Object.keys(ends)) Object.defineProperty(socket, name, { value: ends[name], configurable: true })
  })
}

function addressOf({ port, host }) {
  const shown = host === undefined || host === 'localhost' ? (host === undefined ? '::' : LOOPBACK) : host
  return { address: shown, family: net.isIPv6(shown) ? 'IPv6' : 'IPv4', port: port === 0 ? Number(PORT) : port }
}

/** Whether a file of the app that is loaded mentions argv; of packages nothing is asked. */
function hasToDoWithArguments() {
  const files = new Set([process.argv[1], ...Object.keys(require.cache)])
  return [...files].some((file) => !/[\\/]node_modules[\\/]/.test(file) && file !== __filename && /\bargv\b/.test(textOf(file)))
}

function textOf(file) {
  try {
    return require('fs').readFileSync(file, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'EISDIR' || error.code === 'EACCES') return ''
    throw error
  }
}

/** Another server is the one that is to be reached: the first one gets the port that it asked for. */
function giveBack() {
  const { server, words, timer } = main
  main = undefined
  delete server.address
  if (timer !== undefined) {
    clearTimeout(timer)
    listen.apply(server, words)
    return
  }
  if (server._handle) server._handle.close()
  server._handle = null
  // It was told that it listens already.
  listen.apply(server, words.filter((word) => typeof word !== 'function'))
}

/** The same port on another address, as of `localhost` with two: who would come there comes to the socket. */
function pretend(server, wish, words) {
  server.address = () => addressOf(wish)
  for (const word of words) if (typeof word === 'function') server.once('listening', word)
  process.nextTick(() => server.emit('listening'))
  return server
}

function tell(port) {
  if (told.has(port)) return
  told.add(port)
  const first = addressOf(main.wish).port
  process.stderr.write(`mfserv: nginx passes requests to the server that asked for port ${first}; the one for port ${port} is left as it is\n`)
}
