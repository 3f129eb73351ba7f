"""What a Tornado application gets on top: readiness, deadline, request id and who asked.

Tornado has no place around all handlers of an application, but it sees each request through a connection that is given to
it. So that connection is ours: after the deadline it answers 504 itself and swallows what the handler still writes.
"""

from __future__ import annotations

import asyncio
from typing import Any, Optional, Set

from tornado.httputil import HTTPHeaders, HTTPMessageDelegate, HTTPServerConnectionDelegate, ResponseStartLine

from mfserv_python.environ import scheme_of
from mfserv_python.printable import printable

from .deadline import Watchdog
from .logs import log, request_id
from .worker import READY_HEADER, READY_PATH


class Around(HTTPServerConnectionDelegate):
    """`requests` holds those under way."""

    def __init__(self, app: Any, timeout: float, watchdog: Watchdog, requests: Set[Any]) -> None:
        self._app = app
        self.timeout = timeout
        self.watchdog = watchdog
        self.requests = requests

    def start_request(self, server_conn: object, request_conn: Any) -> HTTPMessageDelegate:
        connection = _Connection(request_conn, self)
        return _Request(self._app.start_request(server_conn, connection), connection)

    def on_close(self, server_conn: object) -> None:
        self._app.on_close(server_conn)


class _Request(HTTPMessageDelegate):
    def __init__(self, application: HTTPMessageDelegate, connection: "_Connection") -> None:
        self._application = application
        self._connection = connection
        self._is_ours = False

    def headers_received(self, start_line: Any, headers: HTTPHeaders) -> Any:
        if start_line.path == READY_PATH and headers.get(READY_HEADER) == "1":
            self._is_ours = True
            return None
        request_id.set(headers.get("X-Request-Id", ""))
        self._connection.is_asked(headers)
        self._connection.begin(start_line)
        return self._application.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Any:
        return None if self._is_ours else self._application.data_received(chunk)

    def finish(self) -> None:
        if self._is_ours:
            self._connection.answer(204, "No Content")
        else:
            self._application.finish()

    def on_connection_close(self) -> None:
        self._connection.end()
        if not self._is_ours:
            self._application.on_connection_close()


class _Connection:
    """Stands between Tornado's connection and the handler; what it does not know goes to the former."""

    def __init__(self, connection: Any, around: Around) -> None:
        self._connection = connection
        self._around = around
        # What Tornado reads about the client: of the whole connection, on which one request comes after the other.
        self.context = connection.context
        self._start_line: Any = None
        self._timer: Optional[asyncio.TimerHandle] = None
        self._expired = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def is_asked(self, headers: HTTPHeaders) -> None:
        """
        Only nginx connects to a worker, and it always sends both headers. Not Tornado's `xheaders`, which believes others as
        well: X-Scheme and X-Forwarded-For are a client's own.
        """
        self.context.remote_ip = headers.get("X-Real-IP", self.context.remote_ip)
        self.context.protocol = scheme_of(headers.get("X-Forwarded-Proto", ""))

    def begin(self, start_line: Any) -> None:
        self._start_line = start_line
        self._around.requests.add(self)
        self._around.watchdog.enter()
        if self._around.timeout > 0:
            self._timer = asyncio.get_running_loop().call_later(self._around.timeout, self._expire)

    def end(self) -> None:
        self._lift()
        if self in self._around.requests:
            self._around.requests.remove(self)
            self._around.watchdog.leave()

    def answer(self, status: int, reason: str) -> None:
        headers = {} if status == 204 else {"Content-Length": "0", "Content-Type": "text/plain"}
        self._connection.write_headers(ResponseStartLine("HTTP/1.1", status, reason), HTTPHeaders(headers))
        self._connection.finish()

    def write_headers(self, start_line: Any, headers: Any, chunk: Optional[bytes] = None) -> Any:
        self._lift()
        return _done() if self._expired else self._connection.write_headers(start_line, headers, chunk)

    def write(self, chunk: bytes) -> Any:
        return _done() if self._expired else self._connection.write(chunk)

    def finish(self) -> None:
        if not self._expired:
            self._connection.finish()
        self.end()

    def set_close_callback(self, callback: Any) -> None:
        if not self._expired:
            self._connection.set_close_callback(callback)

    def detach(self) -> Any:
        """A websocket: the connection is the handler's own from here on."""
        self.end()
        return self._connection.detach()

    def _lift(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        self._timer = None
        name = f"{self._start_line.method} {printable(self._start_line.path)}"
        log("ERROR", f"{name} took more than {self._around.timeout:g} s: answered 504; its handler goes on")
        self._expired = True
        self._connection.set_close_callback(None)
        self.answer(504, "Gateway Timeout")
        self.end()


def _done() -> "asyncio.Future[None]":
    future: "asyncio.Future[None]" = asyncio.get_running_loop().create_future()
    future.set_result(None)
    return future
