"""Lines in the format of the module's other logs, with the id of the request that is being handled."""

from __future__ import annotations

from mfserv_python import log as module_log
from mfserv_python import breakpoints, plugin_logging
from mfserv_python.request_id import request_id

from .worker import Worker

__all__ = ["install", "log", "log_exception", "request_id"]

_name = "mfserv.servers"


def install(worker: Worker) -> None:
    """Gives each record of `logging` its request id. Changes nothing about where an application sends its own records."""
    global _name
    _name = f"mfserv.{worker.kind}"
    plugin_logging.install(worker.debug)
    # A gunicorn is two processes: the one that asks for it here is not the one that serves.
    breakpoints.install(worker.debug, attachable=not worker.kind.startswith("gunicorn"))


def log(level: str, message: str) -> None:
    """One record, written at once: `<UTC time>Z     [LEVEL] (mfserv.<kind>#<pid>) <message> {request_id=…}`."""
    module_log.log(level, message, _name)


def log_exception(message: str, error: BaseException) -> None:
    """The message, then the traceback without our own frames above the application's."""
    module_log.log_exception(message, error, _name)
