"""The debugger around a WSGI application."""

from __future__ import annotations

import io
import sys
from typing import Any, Callable, Iterator, List, Optional

from mfserv_python.log import log, log_exception
from mfserv_python.printable import printable

from .access import wsgi_may_debug
from .plain import plain_text

Application = Callable[[dict, Callable], Any]


def debugged(application: Application) -> Application:
    """The application with the debugger for clients that may have it; without one, and a word in the log, where there is no Werkzeug."""
    try:
        from .debugger import Debugger, log_debugger
    except ImportError as error:
        log("WARNING", f"debug=1, but no debugger: {error}")
        return _guarded(application)
    debugger = Debugger(_logged(application))
    guarded = _guarded(application)
    log_debugger()

    def answer(environ: dict, start_response: Callable) -> Any:
        if wsgi_may_debug(environ):
            return _restartable(debugger, environ, start_response)
        return guarded(environ, start_response)

    return answer


def _restartable(debugger: Application, environ: dict, start_response: Callable) -> Iterator[bytes]:
    """Werkzeug starts its page as if nothing had been started, which fails when the application had called start_response."""
    started = False
    late: Optional[BaseException] = None

    def start(status: str, headers: Any, exc_info: Any = None) -> Any:
        nonlocal started, late
        again, started = started, True
        try:
            return start_response(status, headers, exc_info or (sys.exc_info() if again else None))
        except Exception as error:
            late = error
            raise

    yield from debugger(environ, start)
    if late is not None:
        # Part of the answer has left. An ordinary end would make the client think that it has all of it.
        raise late


def _logged(application: Application) -> Application:
    def answer(environ: dict, start_response: Callable) -> Iterator[bytes]:
        __traceback_hide__ = True  # Werkzeug leaves this frame out.
        body: Any = None
        try:
            body = application(environ, start_response)
            yield from body
        except Exception as error:
            log_exception(f"{environ['REQUEST_METHOD']} {printable(environ['RAW_URI'])} failed", error)
            # Werkzeug writes the same traceback here, in no format at all.
            environ["wsgi.errors"] = io.StringIO()
            raise
        finally:
            if hasattr(body, "close"):
                body.close()

    return answer


def _guarded(application: Application) -> Application:
    """The application for everybody else: a page that tells about its inside is replaced by a plain one."""

    def answer(environ: dict, start_response: Callable) -> Iterator[bytes]:
        instead: List[bytes] = []

        def start(status: str, headers: Any, exc_info: Any = None) -> Any:
            kind = next((value for name, value in headers if name.lower() == "content-type"), "")
            text = plain_text(int(status[:3]), kind)
            if text is None:
                return start_response(status, headers, exc_info)
            instead[:] = [text]
            plain = [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))]
            start_response(status, plain, exc_info)
            return lambda _data: None

        body = application(environ, start)
        try:
            for chunk in body:
                if not instead:
                    yield chunk
            yield from instead
        finally:
            if hasattr(body, "close"):
                body.close()

    return answer
