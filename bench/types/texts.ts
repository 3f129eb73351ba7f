/** Forks as many processes as the second word says, all listening on the port that is the first. */
export const TORNADO_ALONE = `
import asyncio, sys
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.process import fork_processes
sockets = bind_sockets(int(sys.argv[1]), "127.0.0.1", backlog=1024)
fork_processes(int(sys.argv[2]))
sys.path.insert(0, ".")
from main.application import app

async def main():
    HTTPServer(app).add_sockets(sockets)
    await asyncio.Event().wait()

asyncio.run(main())
`

/** A process for each core, which share one port. */
export const NODE_CLUSTER = `
const cluster = require('node:cluster')
if (cluster.isPrimary) for (let count = Number(process.argv[2]); count > 0; count -= 1) cluster.fork()
else require('./server.js')
`

/** What the file uwsgi_params of nginx has. */
export const UWSGI_PARAMS = params('uwsgi_param', {
  QUERY_STRING: '$query_string',
  REQUEST_METHOD: '$request_method',
  CONTENT_TYPE: '$content_type',
  CONTENT_LENGTH: '$content_length',
  REQUEST_URI: '$request_uri',
  PATH_INFO: '$document_uri',
  DOCUMENT_ROOT: '$document_root',
  SERVER_PROTOCOL: '$server_protocol',
  REQUEST_SCHEME: '$scheme',
  HTTPS: '$https if_not_empty',
  REMOTE_ADDR: '$remote_addr',
  REMOTE_PORT: '$remote_port',
  SERVER_PORT: '$server_port',
  SERVER_NAME: '$server_name',
})

/** What fastcgi.conf of nginx has, for one script. */
export function fastcgiParams(script: string): string {
  return params('fastcgi_param', {
    SCRIPT_FILENAME: script,
    QUERY_STRING: '$query_string',
    REQUEST_METHOD: '$request_method',
    CONTENT_TYPE: '$content_type',
    CONTENT_LENGTH: '$content_length',
    SCRIPT_NAME: '/index.php',
    REQUEST_URI: '$request_uri',
    DOCUMENT_URI: '$document_uri',
    DOCUMENT_ROOT: '$document_root',
    SERVER_PROTOCOL: '$server_protocol',
    REQUEST_SCHEME: '$scheme',
    HTTPS: '$https if_not_empty',
    GATEWAY_INTERFACE: 'CGI/1.1',
    SERVER_SOFTWARE: 'nginx/$nginx_version',
    REMOTE_ADDR: '$remote_addr',
    REMOTE_PORT: '$remote_port',
    SERVER_ADDR: '$server_addr',
    SERVER_PORT: '$server_port',
    SERVER_NAME: '$server_name',
    REDIRECT_STATUS: '200',
  })
}

/** A pool as Debian's, but with a fixed number of processes. */
export function fpmPool(socket: string, user: string, processes: number): string {
  return `
[global]
error_log = /dev/stderr
[www]
user = ${user}
listen = ${socket}
pm = static
pm.max_children = ${processes}
`
}

function params(directive: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${directive} ${name} ${value};`)
    .join(' ')
}
