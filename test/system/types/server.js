#!/usr/bin/env node
// What test/system/types/types.test.ts asks of an application; the last part of the path says what.

const { createHash } = require('node:crypto')
const fs = require('node:fs')
const http = require('node:http')

const [socketPath, timeoutSeconds] = process.argv.slice(2)

const server = http.createServer(async (request, response) => {
  // A program of the type command is told no time.
  if (timeoutSeconds !== undefined) {
    response.setTimeout(Number(timeoutSeconds) * 1000, () => {
      response.writeHead(504, { Connection: 'close' }).end()
    })
  }
  const wanted = request.url.slice(request.url.lastIndexOf('/') + 1)
  if (wanted === 'slow') return
  if (wanted === 'fail') {
    console.error(new Error('the sky is missing'))
    response.writeHead(500).end('HTTP/500')
    return
  }
  if (wanted === 'hold') {
    fs.writeFileSync(`${process.env.MFSERV_CURRENT_PLUGIN_DATA_DIR}/inside`, '')
    while (!fs.existsSync(`${process.env.MFSERV_CURRENT_PLUGIN_DATA_DIR}/release`))
      await new Promise((resolve) => setTimeout(resolve, 10))
    response.end('released')
    return
  }
  if (wanted !== 'size') {
    response.end('edited')
    return
  }
  let size = 0
  for await (const chunk of request) size += chunk.length
  response.end(String(size))
})

// Only as much of the protocol as one short text needs.
server.on('upgrade', (request, socket) => {
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept.digest('base64')}\r\n\r\n`,
  )
  socket.on('data', (frame) => {
    if ((frame[0] & 15) !== 1) return socket.end(Buffer.from([0x88, 0]))
    const text = frame.subarray(6).map((byte, index) => byte ^ frame[2 + (index % 4)])
    socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]))
  })
})

server.listen({ path: socketPath, backlog: 1024 })
process.once('SIGTERM', () => {
  server.close(() => process.exit(0))
})
