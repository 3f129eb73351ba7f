"""Lines in the format of mflog, which plugin code logs with."""

from __future__ import annotations

import os
import sys
import traceback
from datetime import datetime, timezone

from .request_id import current_request_id

# Both end in the log file of the app.
_TO_STDOUT = frozenset(("DEBUG", "INFO"))
_SEVERITY = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}
_ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))


def log(level: str, message: str, name: str = "mfserv.wsgi") -> None:
    """One record, written at once: `<UTC time>Z     [LEVEL] (<name>#<pid>) <message> {request_id=…}`, further lines below it."""
    if _SEVERITY.get(level, 50) >= _SEVERITY.get(os.environ.get("MFLOG_MINIMAL_LEVEL", "INFO"), 20):
        write(level, name, message)


def write(level: str, name: str, message: str) -> None:
    """The same, whatever the minimal level is."""
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    first, newline, rest = message.partition("\n")
    request_id = current_request_id()
    context = f" {{request_id={request_id}}}" if request_id else ""
    stream = sys.stdout if level in _TO_STDOUT else sys.stderr
    stream.write(f"{now} {f'[{level}]':>10} ({name}#{os.getpid()}) {first}{context}{newline}{rest}\n")
    stream.flush()


def log_exception(message: str, error: BaseException, name: str = "mfserv.wsgi") -> None:
    """The message, then the traceback without the frames of mfserv itself above the application's."""
    log("ERROR", f"{message}\n{application_traceback(error)}", name)


def application_traceback(error: BaseException) -> str:
    """The traceback from the first frame outside of mfserv on; the whole of it if there is none."""
    return "".join(traceback.format_exception(type(error), error, _application_frames(error))).rstrip("\n")


def without_own_frames(error: BaseException) -> BaseException:
    """The same error, from now on without the frames of mfserv above the application's."""
    return error.with_traceback(_application_frames(error))


def _application_frames(error: BaseException):  # type: ignore[no-untyped-def]
    frame = error.__traceback__
    while frame is not None and _is_ours(frame.tb_frame.f_code.co_filename):
        frame = frame.tb_next
    return error.__traceback__ if frame is None else frame


def _is_ours(file: str) -> bool:
    directory = os.path.dirname(file)
    return os.path.basename(directory).startswith("mfserv_") and os.path.dirname(directory) == _ROOT
