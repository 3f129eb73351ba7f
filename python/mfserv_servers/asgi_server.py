"""A worker of the type python3_asgi."""

from __future__ import annotations

import math

import uvicorn

from mfserv_python.signature import expect_asgi

from .asgi_app import around
from .asgi_protocol import Protocol
from .entry import load_entry
from .worker import BACKLOG, Worker


def serve(worker: Worker) -> None:
    """Until SIGTERM or SIGINT. Raises LoadError."""
    application = load_entry(worker.entry)
    expect_asgi(application)
    if worker.debug:
        from mfserv_debug.asgi import debugged

        application = debugged(application)
    config = uvicorn.Config(
        around(application, worker.timeout, worker.mount),
        uds=worker.socket,
        backlog=BACKLOG,
        http=Protocol,
        interface="asgi3",
        # The client and its scheme come from the headers that nginx writes.
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        log_level="debug" if worker.debug else "warning",
        timeout_graceful_shutdown=max(1, math.floor(worker.grace)),
    )
    server = uvicorn.Server(config)
    server.run()
    if not server.started:
        # uvicorn has said why.
        raise SystemExit(1)
