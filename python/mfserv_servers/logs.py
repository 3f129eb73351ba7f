"""Lines in the format of the module's other logs, with the id of the request that is being handled."""

from __future__ import annotations

import logging
import os
import sys
from contextvars import ContextVar
from datetime import datetime, timezone
from typing import Any

from mfserv_python.log import application_traceback

from .worker import Worker

# Of the request that the running task handles; empty outside of requests.
request_id: ContextVar[str] = ContextVar("mfserv_request_id", default="")

_kind = "servers"


def install(worker: Worker) -> None:
    """Gives each record of `logging` its request id. Changes nothing about where an application sends its own records."""
    global _kind
    _kind = worker.kind
    make = logging.getLogRecordFactory()

    def with_request_id(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        record.request_id = request_id.get()
        return record

    logging.setLogRecordFactory(with_request_id)
    # Only for an application that configures no logging.
    logging.lastResort = _LastResort(logging.DEBUG if worker.debug else logging.WARNING)
    if worker.debug:
        logging.getLogger().setLevel(logging.DEBUG)


def log(level: str, message: str) -> None:
    """One record, written at once: `<UTC time>Z     [LEVEL] (mfserv.<kind>#<pid>) <message> {request_id=…}`."""
    _write(level, f"mfserv.{_kind}", message)


def log_exception(message: str, error: BaseException) -> None:
    """The message, then the traceback without our own frames above the application's."""
    # Beside the frames of mfserv_python, which that function leaves out, ours stand first.
    here = os.path.dirname(__file__)
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None and os.path.dirname(frame.tb_frame.f_code.co_filename) == here:
        frame = frame.tb_next
    log("ERROR", f"{message}\n{application_traceback(error.with_traceback(frame))}")


class _LastResort(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        try:
            _write(record.levelname, record.name, self.format(record))
        except Exception:
            self.handleError(record)


def _write(level: str, name: str, message: str) -> None:
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    first, newline, rest = message.partition("\n")
    current = request_id.get()
    context = f" {{request_id={current}}}" if current else ""
    sys.stderr.write(f"{now} {f'[{level}]':>10} ({name}#{os.getpid()}) {first}{context}{newline}{rest}\n")
    sys.stderr.flush()
