"""Runs one worker that is a program on a TCP port, and passes on to it what comes to the socket of the worker.

    mfserv_on_port.py SOCKET -- COMMAND...
"""

import os
import sys

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
    from mfserv_port.main import main

    sys.exit(main(sys.argv[1:]))
