import signal
import sys

from application import app
from waitress import serve


def stop(_signal, _frame):
    raise SystemExit(0)


signal.signal(signal.SIGTERM, stop)
serve(app, unix_socket=sys.argv[1], threads=1, backlog=2048, connection_limit=4096, _quiet=True)
