'use strict'

const fs = require('node:fs')
const http = require('node:http')
const express = require('express')

// mfserv starts this file once for each worker, with two arguments:
// the unix socket to listen on, and how many seconds one request may take (0: no limit).
const [socketPath, timeoutSeconds] = process.argv.slice(2)

const app = express()
app.disable('x-powered-by')

app.use((_request, response, next) => {
  response.setTimeout(Number(timeoutSeconds) * 1000, () => {
    if (response.headersSent) response.destroy()
    else response.status(504).set('Connection', 'close').type('text').send('The request took too long.')
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
