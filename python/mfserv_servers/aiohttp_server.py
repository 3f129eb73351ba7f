"""A worker of the type aiohttp."""

from __future__ import annotations

import asyncio
import signal

from aiohttp import web

from .aiohttp_app import load_app
from .entry import run_script
from .worker import BACKLOG, Worker


def serve(worker: Worker) -> None:
    """Until SIGTERM or SIGINT. Raises LoadError."""
    if not run_script(worker.entry):
        asyncio.run(_serve(worker), debug=worker.debug)


async def _serve(worker: Worker) -> None:
    app = await load_app(worker)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=worker.grace)
    await runner.setup()
    stopping = asyncio.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(ending, stopping.set)
    await web.UnixSite(runner, worker.socket, backlog=BACKLOG).start()
    await stopping.wait()
    await runner.cleanup()
