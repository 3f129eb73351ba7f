"""What a WSGI application under gunicorn gets on top: readiness, deadline, request id, who asked.

As in a python2_sync worker the deadline is an alarm whose exception comes up inside the application, wherever it is. What
cannot be interrupted so is ended by gunicorn's own timeout.
"""

import signal
import sys

from .environ import scheme_of
from .log import log_exception
from .printable import printable
from .request_id import RequestIdVariable

_READY_PATH = "/__mfserv_ready"


class RequestTimeout(SystemExit):
    """Not an Exception, so that an application's `except Exception` does not swallow it. gunicorn knows how to end on this."""


def with_deadline(application, seconds):
    """`seconds`: until a request must have been answered; 0 is no limit."""
    variable = RequestIdVariable()
    if seconds > 0:
        signal.signal(signal.SIGALRM, _expire)

    def answer(environ, start_response):
        if environ["PATH_INFO"] == _READY_PATH and environ.get("HTTP_X_MFSERV_READY") == "1":
            start_response("204 No Content", [])
            return []
        # Only nginx connects to a worker, and it always sends both.
        environ["REMOTE_ADDR"] = environ.get("HTTP_X_REAL_IP", environ.get("REMOTE_ADDR", ""))
        environ["wsgi.url_scheme"] = scheme_of(environ.get("HTTP_X_FORWARDED_PROTO", ""))
        return identified(environ, _timed(application, environ, start_response, seconds))

    def identified(environ, body):
        """With the id of the request for as long as it is handled."""
        variable.set(environ.get("HTTP_X_REQUEST_ID", ""))
        try:
            for chunk in body:
                yield chunk
        finally:
            body.close()
            variable.set("")

    return answer


def _timed(application, environ, start_response, seconds):
    """A generator: gunicorn iterates over it at once, and in the same thread."""
    body = None
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        body = application(environ, start_response)
        for chunk in body:
            yield chunk
    except RequestTimeout:
        log_exception("%s took more than %g s" % (_name(environ), seconds), sys.exc_info())
        yield _refuse(start_response, "504 Gateway Timeout", "")
    except Exception:
        log_exception("%s failed" % _name(environ), sys.exc_info())
        yield _refuse(start_response, "500 Internal Server Error", "HTTP/500 Internal Server Error")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        if hasattr(body, "close"):
            body.close()


def _refuse(start_response, status, body):
    """Raises the error again if part of the answer has left; gunicorn then ends the connection."""
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))], sys.exc_info())
    return body


def _name(environ):
    return "%s %s" % (environ["REQUEST_METHOD"], printable(environ["RAW_URI"]))


def _expire(_signal, _frame):
    raise RequestTimeout()
