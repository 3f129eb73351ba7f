"""Runs one worker of an app on one unix socket, with a server package: the plugin's own, or else the framework's.

    mfserv_serve.py KIND --timeout=SECONDS --grace=SECONDS [--library=DIRECTORY] [--debug] -- ENTRY SOCKET
"""

import os
import sys

if __name__ == "__main__":
    # Of these files bytecode may be kept; where the application is being edited, main forbids it before that is imported.
    sys.dont_write_bytecode = False
    # The directory of this file comes after the application's own: a plugin may have a module of any name.
    here = os.path.dirname(os.path.realpath(__file__))
    sys.path[:] = [directory for directory in sys.path if directory != here] + [here]
    from mfserv_servers.main import main

    sys.exit(main(sys.argv[1:]))
