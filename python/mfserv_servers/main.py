"""The command line of a worker, and where it looks for packages."""

from __future__ import annotations

import argparse
import faulthandler
import importlib
import os
import signal
import sys
from typing import List

from mfserv_python.application import LoadError, keep_bytecode_as_wanted

from . import logs
from .worker import Worker

# Kind -> the module whose `serve(worker)` returns when the worker has been stopped, and the package it cannot do without.
KINDS = {
    "aiohttp": ("aiohttp_server", "aiohttp"),
    "gunicorn": ("gunicorn_server", "gunicorn"),
    "gunicorn-aiohttp": ("gunicorn_server", "gunicorn"),
    "asgi": ("asgi_server", "uvicorn"),
    "tornado": ("tornado_server", "tornado"),
}


def main(words: List[str]) -> int:
    """Serves until SIGTERM or SIGINT and returns 0; 1 and a message on stderr if the application cannot be served."""
    arguments = _parser().parse_args(words)
    # A crash in a compiled package is told with the stack of every thread.
    faulthandler.enable(2)
    # Until the worker serves there is nothing to finish. Not sys.exit: the module being imported could catch it.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda _signal, _frame: os._exit(0))
    _add_places(arguments.entry, arguments.library)
    worker = Worker(**vars(arguments))
    logs.install(worker)
    # A script of an older plugin finds what it was always called with.
    sys.argv[:] = [worker.entry, worker.socket, f"{worker.timeout:g}"]
    module, package = KINDS[worker.kind]
    try:
        server = importlib.import_module(f"{__package__}.{module}")
        keep_bytecode_as_wanted()
        server.serve(worker)
    except LoadError as error:
        logs.log("CRITICAL", f"the application {worker.entry} cannot be served: {error}")
        return 1
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        logs.log("CRITICAL", f'the package "{package}" is missing: add it to {_REQUIREMENTS} and run make')
        return 1
    return 0


_REQUIREMENTS = "python3_virtualenv_sources/requirements-to-freeze.txt"


def _add_places(entry: str, library: str) -> None:
    """All of them last, so that the plugin's own packages win. A script is found from here, and imports what lies beside it."""
    of_script = [os.getcwd(), os.path.abspath(os.path.dirname(entry))] if entry.endswith(".py") else []
    sys.path += [place for place in (*of_script, library) if place and place not in sys.path]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mfserv_serve.py", description="Serves an application on a unix socket.")
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--timeout", type=float, default=0, help="seconds until a request must have been answered; 0 is no limit")
    parser.add_argument("--grace", type=float, default=30, help="seconds to finish the requests under way when asked to stop")
    parser.add_argument("--library", default="", help="directory of mfserv's own Python packages")
    parser.add_argument("--mount", default="", help="the prefixes that the application is mounted at, joined by colons")
    parser.add_argument("--debug", action="store_true", help="the app is being debugged")
    parser.add_argument("entry", metavar="ENTRY", help="MODULE:CALLABLE, or FILE.py with an app in it")
    parser.add_argument("socket", metavar="SOCKET")
    return parser
