"""The command line of a python3_sync worker."""

from __future__ import annotations

import argparse
import faulthandler
import os
import signal
import sys
from typing import List


def main(words: List[str]) -> int:
    """Serves until SIGTERM or SIGINT and returns 0; 1 and a message on stderr if the application cannot be served."""
    arguments = _parser().parse_args(words)
    # A crash in a compiled package is told with the stack of every thread.
    faulthandler.enable(2)
    # Until the worker serves there is nothing to finish. Not sys.exit: the module being imported could catch it.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda _signal, _frame: os._exit(0))
    if arguments.library:
        # Last, so that the plugin's own packages win.
        sys.path.append(arguments.library)
    return _serve(arguments)


def _serve(arguments: argparse.Namespace) -> int:
    from . import plugin_logging
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
        application = load(arguments.application)
        expect_wsgi(application)
        if arguments.debug:
            from mfserv_debug.wsgi import debugged

            application = debugged(application)
        server = Server(arguments.socket, application, Timeouts(arguments.timeout))
    except LoadError as error:
        log("CRITICAL", f"the application {arguments.application} cannot be served: {error}")
        return 1
    except OSError as error:
        log("CRITICAL", f"cannot listen on {arguments.socket}: {error}")
        return 1
    server.run()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mfserv_wsgi.py", description="Serves a WSGI application on a unix socket.")
    parser.add_argument("--timeout", type=float, default=0, help="seconds one request may take; 0 is no limit")
    parser.add_argument("--library", default="", help="directory of mfserv's own Python packages")
    parser.add_argument("--debug", action="store_true", help="the app is being debugged")
    parser.add_argument("application", metavar="MODULE:CALLABLE")
    parser.add_argument("socket", metavar="SOCKET")
    return parser
