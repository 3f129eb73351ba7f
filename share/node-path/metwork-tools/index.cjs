'use strict'

// What Node plugins of MFSERV require. nginx is told nothing here: mfserv itself links and unlinks the socket of a worker.

const fs = require('node:fs')

const LEVELS = { DEBUG: 1, INFO: 2, WARNING: 3, ERROR: 4, CRITICAL: 5 }
const minimal = LEVELS[process.env.MFSERV_LOG_MINIMAL_LEVEL] ?? LEVELS.INFO

function beforeStart(socket) {
  fs.rmSync(socket, { force: true })
}

function afterStart(socket) {
  process.stdout.write(`ok: process #${process.pid} is listening on ${socket}\n`)
}

/** The server is the global variable `server` of the plugin, as it was in MFSERV. */
function beforeStop() {
  process.stdout.write('SIGTERM => closing\n')
  globalThis.server?.close()
}

function afterStop(socket) {
  fs.rmSync(socket, { force: true })
}

function logger(level) {
  return (data, ...args) => {
    if (LEVELS[level] < minimal) return
    if (LEVELS[level] > LEVELS.INFO) console.error(data, ...args)
    else console.log(data, ...args)
  }
}

module.exports = {
  before_start: beforeStart,
  after_start: afterStart,
  before_stop: beforeStop,
  after_stop: afterStop,
  console_debug: logger('DEBUG'),
  console_info: logger('INFO'),
  console_warn: logger('WARNING'),
  console_error: logger('ERROR'),
  console_critical: logger('CRITICAL'),
}
