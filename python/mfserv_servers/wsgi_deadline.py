"""What a WSGI application under gunicorn gets on top: readiness, deadline, request id, who asked.

As in a python3_sync worker the deadline is an alarm whose exception comes up inside the application, wherever it is. What
cannot be interrupted so is ended by gunicorn's own timeout.
"""

from __future__ import annotations

import signal
import sys
from typing import Any, Callable

from mfserv_python.environ import scheme_of
from mfserv_python.printable import printable
from mfserv_python.request_id import RequestIdVariable

from .gunicorn_sync import Body, in_one_piece
from .logs import log_exception, request_id
from .worker import READY_PATH

Application = Callable[[dict, Callable], Any]


class RequestTimeout(SystemExit):
    """Not an Exception, so that an application's `except Exception` does not swallow it. gunicorn knows how to end on this."""


def with_deadline(application: Application, seconds: float) -> Application:
    """`seconds`: until a request must have been answered; 0 is no limit."""
    variable = RequestIdVariable()
    if seconds > 0:
        signal.signal(signal.SIGALRM, _expire)

    def answer(environ: dict, start_response: Callable) -> Any:
        if environ["PATH_INFO"] == READY_PATH and environ.get("HTTP_X_MFSERV_READY") == "1":
            start_response("204 No Content", [])
            return []
        # Only nginx connects to a worker, and it always sends both.
        environ["REMOTE_ADDR"] = environ.get("HTTP_X_REAL_IP", environ.get("REMOTE_ADDR", ""))
        environ["wsgi.url_scheme"] = scheme_of(environ.get("HTTP_X_FORWARDED_PROTO", ""))
        return identified(environ, _timed(application, environ, start_response, seconds))

    def identified(environ: dict, body: Body) -> Body:
        """With the id of the request for as long as it is handled."""
        name = environ.get("HTTP_X_REQUEST_ID", "")
        variable.set(name)
        request_id.set(name)
        try:
            yield from in_one_piece(environ, body)
        finally:
            variable.set("")
            request_id.set("")

    return answer


def _timed(application: Application, environ: dict, start_response: Callable, seconds: float) -> Body:
    """A generator: gunicorn iterates over it at once, and in the same thread."""
    body: Any = None
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        body = application(environ, start_response)
        yield from body
    except RequestTimeout as error:
        log_exception(f"{_name(environ)} took more than {seconds:g} s", error)
        yield _refuse(start_response, "504 Gateway Timeout", b"")
    except Exception as error:
        log_exception(f"{_name(environ)} failed", error)
        yield _refuse(start_response, "500 Internal Server Error", b"HTTP/500 Internal Server Error")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        if hasattr(body, "close"):
            body.close()


def _refuse(start_response: Callable, status: str, body: bytes) -> bytes:
    """Raises the error again if part of the answer has left; gunicorn then ends the connection."""
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))], sys.exc_info())
    return body


def _name(environ: dict) -> str:
    return f"{environ['REQUEST_METHOD']} {printable(environ['RAW_URI'])}"


def _expire(_signal: int, _frame: Any) -> None:
    raise RequestTimeout()
