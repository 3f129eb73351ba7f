"""The command line of a worker."""

import argparse
import os
import signal
import socket
import sys

from .application import LoadError
from .log import log


def main(words, serve):
    """Serves until SIGTERM or SIGINT and returns 0; 1 and a message on stderr if the application cannot be served."""
    worker = _parser().parse_args(words)
    # Until the worker serves there is nothing to finish. Not sys.exit: the module being imported could catch it.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda _signal, _frame: os._exit(0))
    if worker.library:
        # Last, so that the plugin's own packages win.
        sys.path.append(worker.library)
    _print_stack_at_fatal_signals()
    try:
        serve(worker)
    except LoadError as error:
        log("CRITICAL", "the application %s cannot be served: %s" % (worker.entry, error))
        return 1
    except socket.error as error:
        log("CRITICAL", "cannot listen on %s: %s" % (worker.socket, error))
        return 1
    return 0


def _print_stack_at_fatal_signals():
    """With the package faulthandler, if the plugin has it: Python 2 itself cannot."""
    try:
        import faulthandler
    except ImportError:
        return
    faulthandler.enable(sys.__stderr__)


def _parser():
    parser = argparse.ArgumentParser(description="Serves a WSGI application on a unix socket.")
    parser.add_argument("--timeout", type=float, default=0, help="seconds one request may take; 0 is no limit")
    parser.add_argument("--grace", type=float, default=30, help="seconds to finish the request under way when asked to stop")
    parser.add_argument("--library", default="", help="directory of mfserv's own Python 2 packages")
    parser.add_argument("--mount", default="", help="the prefixes that the application is mounted at, joined by colons")
    parser.add_argument("--debug", action="store_true", help="the app is being debugged")
    parser.add_argument("entry", metavar="MODULE:CALLABLE")
    parser.add_argument("socket", metavar="SOCKET")
    return parser
