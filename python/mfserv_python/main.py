"""The command line of a python3_sync worker."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from typing import List


class Arguments:
    """The words that mfserv starts a worker with. By hand: argparse takes a tenth of the whole start of a worker."""

    def __init__(self, words: List[str]) -> None:
        # Seconds one request may take; 0 is no limit.
        self.timeout = 0.0
        # Directory of mfserv's own Python packages.
        self.library = ""
        # The prefixes that the application is mounted at, joined by colons.
        self.mount = ""
        # The app is being debugged.
        self.debug = False
        rest = list(words)
        while rest and rest[0].startswith("--"):
            name, _, value = rest.pop(0).partition("=")
            if name == "--":
                break
            if name == "--timeout":
                self.timeout = float(value)
            elif name == "--library":
                self.library = value
            elif name == "--mount":
                self.mount = value
            elif name == "--debug":
                self.debug = True
            else:
                sys.exit(f"mfserv_wsgi.py: unknown option {name}")
        if len(rest) != 2:
            sys.exit("usage: mfserv_wsgi.py [--timeout=SECONDS] [--library=DIRECTORY] [--mount=PREFIXES] [--debug] [--] MODULE:CALLABLE SOCKET")
        self.application, self.socket = rest


def main(words: List[str]) -> int:
    """Serves until SIGTERM or SIGINT and returns 0; 1 and a message on stderr if the application cannot be served."""
    arguments = Arguments(words)
    # A crash in a compiled package is told with the stack of every thread.
    faulthandler.enable(2)
    # Until the worker serves there is nothing to finish. Not sys.exit: the module being imported could catch it.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda _signal, _frame: os._exit(0))
    if arguments.library:
        # Last, so that the plugin's own packages win.
        sys.path.append(arguments.library)
    return _serve(arguments)


def _serve(arguments: Arguments) -> int:
    from . import breakpoints, plugin_logging
    from .application import LoadError, keep_bytecode_as_wanted, load
    from .log import log
    from .signature import expect_wsgi

    try:
        from .server import Server
        from .timeouts import Timeouts
    except ModuleNotFoundError as error:
        log("CRITICAL", f'mfserv\'s own Python package "{error.name}" is missing: start mfserv again, it installs it')
        return 1
    keep_bytecode_as_wanted()
    try:
        plugin_logging.install(arguments.debug)
        breakpoints.install(arguments.debug)
        application = load(arguments.application)
        expect_wsgi(application)
        if arguments.debug:
            from mfserv_debug.wsgi import debugged

            application = debugged(application)
        if arguments.mount:
            from .mounted import mounted

            application = mounted(application, arguments.mount)
        server = Server(arguments.socket, application, Timeouts(arguments.timeout))
    except LoadError as error:
        log("CRITICAL", f"the application {arguments.application} cannot be served: {error}")
        return 1
    except OSError as error:
        log("CRITICAL", f"cannot listen on {arguments.socket}: {error}")
        return 1
    server.run()
    return 0
