'use strict'

const fs = require('node:fs')
const http = require('node:http')
const express = require('express')

// mfserv starts this file once for each worker, with two arguments:
// the unix socket to listen on, and how many seconds one request may take (0: no limit).
const [socketPath, timeoutSeconds] = process.argv.slice(2)

const app = express()
app.disable('x-powered-by')

// A request that takes too long is answered here, past Express: its handler may still be at work, and what that sends
// later goes nowhere. With response.send() here, the handler's own would throw and end the worker.
const TOO_LONG = 'HTTP/1.1 504 Gateway Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'
app.use((_request, response, next) => {
  response.setTimeout(Number(timeoutSeconds) * 1000, () => {
    if (response.headersSent) response.destroy() // An answer that has begun is cut off.
    else response.socket.end(TOO_LONG)
  })
  next()
})

app.get('/@@name@@', (_request, response) => {
  response.type('text').send('Hello World @@name@@!')
})

fs.rmSync(socketPath, { force: true }) // left by a worker that was killed

const server = http.createServer(app)
server.listen({ path: socketPath, backlog: 1024 })

// Asked to stop: take no new connection, finish the requests under way, then end.
process.once('SIGTERM', () => {
  server.close(() => process.exit(0))
})
