"""Serves one WSGI application on one unix socket with gunicorn: the worker of the app type gunicorn2_sync.

    mfserv_gunicorn.py --timeout=SECONDS [--grace=SECONDS] [--library=DIRECTORY] [--debug] -- MODULE:CALLABLE SOCKET
"""

import os
import sys

if __name__ == "__main__":
    # Of these files bytecode may be kept; what loads the application forbids it.
    sys.dont_write_bytecode = False
    # The directory of this file comes after the application's own: a plugin may have a module of any name.
    here = os.path.dirname(os.path.realpath(__file__))
    sys.path[:] = [directory for directory in sys.path if directory != here] + [here]
    from mfserv_python2.gunicorn_server import serve
    from mfserv_python2.main import main

    sys.exit(main(sys.argv[1:], serve))
