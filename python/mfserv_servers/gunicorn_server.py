"""A worker of the types gunicorn3_sync and gunicorn3_asyncio: gunicorn with one worker of its own."""

from __future__ import annotations

import math
import sys
from typing import Any, Dict

from gunicorn.app.wsgiapp import WSGIApplication
from gunicorn.arbiter import Arbiter
from gunicorn.errors import AppImportError

from mfserv_python.application import LoadError
from mfserv_python.mounted import mounted
from mfserv_python.signature import expect_wsgi

from .entry import load_entry
from .logs import log
from .worker import BACKLOG, Worker

# gunicorn has threads instead of a sync worker, by whose name it knows it, where its settings ask for more than one.
_WORKER_CLASSES = {"gunicorn": "mfserv_servers.gunicorn_sync.SyncWorker", "gunicorn-aiohttp": "aiohttp.GunicornWebWorker"}
# The master ends a worker that is silent for so much longer than a request may take.
_EXTRA_SECONDS = 2


def serve(worker: Worker) -> None:
    """Until SIGTERM or SIGINT; ends the process. What a gunicorn.conf.py of the plugin says counts, except for our settings."""

    class Served(WSGIApplication):
        def load_config(self) -> None:
            super().load_config()
            for name, value in settings(worker).items():
                # A plugin may bring a gunicorn that has no such setting yet.
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            try:
                return _asynchronous(worker) if worker.kind == "gunicorn-aiohttp" else _synchronous(worker)
            except LoadError as error:
                raise AppImportError(f"the application {worker.entry} cannot be served: {error}") from None

    sys.argv[:] = ["gunicorn", worker.entry]
    Served("%(prog)s [OPTIONS] [APP_MODULE]", prog="gunicorn").run()


def settings(worker: Worker) -> Dict[str, Any]:
    return {
        "bind": [f"unix:{worker.socket}"],
        "workers": 1,
        "worker_class": _WORKER_CLASSES[worker.kind],
        "backlog": BACKLOG,
        "timeout": math.ceil(worker.timeout) + _EXTRA_SECONDS if worker.timeout > 0 else 0,
        "graceful_timeout": max(1, math.floor(worker.grace)),
        # Longer than nginx keeps an idle connection, so that it is always nginx that closes it.
        "keepalive": 75,
        "loglevel": "debug" if worker.debug else "warning",
        # The others that it knows are no business of nginx, so a client could write them.
        "secure_scheme_headers": {"X-FORWARDED-PROTO": "https"},
        "control_socket_disable": True,
        "daemon": False,
        "preload_app": False,
        "reload": False,
        "pidfile": None,
    }


def _synchronous(worker: Worker) -> Any:
    from .wsgi_deadline import with_deadline

    application = load_entry(worker.entry)
    expect_wsgi(application)
    if worker.debug:
        from mfserv_debug.wsgi import debugged

        application = debugged(application)
    if worker.mount:
        application = mounted(application, worker.mount)
    return with_deadline(application, worker.timeout)


def _asynchronous(worker: Worker) -> Any:
    from .aiohttp_app import load_app

    async def load() -> Any:
        try:
            return await load_app(worker)
        except LoadError as error:
            log("CRITICAL", f"the application {worker.entry} cannot be served: {error}")
            # On this code the master ends as well instead of trying again.
            raise SystemExit(Arbiter.APP_LOAD_ERROR) from None

    return load
