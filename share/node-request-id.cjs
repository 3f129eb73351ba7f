'use strict'
// Loaded before a Node app: what `console` writes during a request ends with the id that nginx gave the request, as the lines
// of the other languages do. Nothing else of the app is touched, and a line that is one JSON object is left as it is.

/** Undefined in a Node of the plugin that is too old to tell of requests: its lines go without. */
function requestIds() {
  try {
    const { AsyncLocalStorage } = require('async_hooks')
    const { channel } = require('diagnostics_channel')
    const ids = new AsyncLocalStorage()
    // Published in the turn in which the app gets the request, so everything the app starts for it knows the id.
    channel('http.server.request.start').subscribe(({ request }) => ids.enterWith(request.headers['x-request-id']))
    return ids
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}

function withId(text, id) {
  if (/^\{.*\}$/s.test(text)) return text
  // A stack follows on lines of its own.
  const end = text.indexOf('\n')
  return end < 0 ? `${text} {request_id=${id}}` : `${text.slice(0, end)} {request_id=${id}}${text.slice(end)}`
}

const ids = requestIds()
if (ids !== undefined) {
  const { format } = require('util')
  for (const name of ['debug', 'error', 'info', 'log', 'warn']) {
    const write = console[name]
    console[name] = (...values) => {
      const id = ids.getStore()
      if (id === undefined) write(...values)
      // The text is an argument of its own: a percent sign in it means nothing any more.
      else write('%s', withId(format(...values), id))
    }
  }
  // Nothing is caught by it: Node prints the stack below and ends, as it does without.
  process.on('uncaughtExceptionMonitor', (error, origin) => {
    const id = ids.getStore()
    if (id === undefined) return
    const [what] = String(error instanceof Error ? error : format(error)).split('\n')
    const text = `[ERROR] (mfserv.node#${process.pid}) ${origin}: ${what} {request_id=${id}}`
    process._rawDebug(`${new Date().toISOString()}    ${text}`)
  })
}
