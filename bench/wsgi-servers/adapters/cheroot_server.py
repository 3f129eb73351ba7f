import signal
import sys

from application import app
from cheroot.wsgi import Server

# One thread: one request at a time.
server = Server(sys.argv[1], app, numthreads=1, request_queue_size=2048)
signal.signal(signal.SIGTERM, lambda _signal, _frame: setattr(server, "interrupt", KeyboardInterrupt()))
try:
    server.start()
except KeyboardInterrupt:
    server.stop()
