"""A worker of the type python3_tornado."""

from __future__ import annotations

import asyncio
import signal
from typing import Any, Set

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_unix_socket
from tornado.web import Application

from mfserv_python.application import LoadError

from .deadline import Watchdog
from .entry import load_entry, run_script
from .tornado_app import Around
from .worker import BACKLOG, Worker

_LOOK_SECONDS = 0.05


def serve(worker: Worker) -> None:
    """Until SIGTERM or SIGINT. Raises LoadError."""
    if not run_script(worker.entry):
        asyncio.run(_serve(worker), debug=worker.debug)


async def _serve(worker: Worker) -> None:
    app = load_entry(worker.entry)
    if not isinstance(app, Application):
        raise LoadError(f"it is {type(app).__name__}, not a tornado.web.Application")
    if worker.debug:
        from mfserv_debug.tornado_app import install

        install(app)
    # nginx has a log of requests.
    app.settings.setdefault("log_function", lambda _handler: None)
    requests: Set[Any] = set()
    server = HTTPServer(Around(app, worker.timeout, Watchdog(worker.timeout), requests))
    stopping = asyncio.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(ending, stopping.set)
    server.add_socket(bind_unix_socket(worker.socket, mode=0o666, backlog=BACKLOG))
    await stopping.wait()
    server.stop()
    until = asyncio.get_running_loop().time() + worker.grace
    while requests and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(_LOOK_SECONDS)
    await server.close_all_connections()
