/** A file in the data of its plugin keeps a worker that starts from coming up. */
export const SERVE = `
import http.server, os, socketserver, sys, time
while os.path.exists(os.path.join(os.environ['MFSERV_CURRENT_PLUGIN_DATA_DIR'], 'not-yet')): time.sleep(0.02)
class Answer(http.server.BaseHTTPRequestHandler):
    def address_string(self): return ''
    def log_message(self, *_): pass
    def do_GET(self):
        self.rfile.read(int(self.headers.get('Content-Length', 0)))
        self.send_response(200); self.send_header('Content-Length', '2'); self.end_headers(); self.wfile.write(b'ok')
    do_POST = do_GET
class Server(socketserver.ThreadingUnixStreamServer): request_queue_size = 64
Server(sys.argv[1], Answer).serve_forever()
`
/** With a daemon beside it. */
export const CONFIG =
  '[general]\nversion=1.2.3\nsummary=s\nlicense=l\nurl=http://u\nmaintainer=m\nvendor=v\n' +
  '[app_main]\ntype=command\nmain_arg=python3 main/serve.py {unix_socket_path}\nworkers=2\n' +
  '[extra_daemon_feed]\ncmd_and_args=sleep 600\n'
