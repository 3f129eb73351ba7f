"""The loop: connections wait in an epoll set, one request at a time is answered, in the main thread."""

from __future__ import annotations

import errno
import os
import select
import signal
import socket
from time import monotonic
from typing import Any, Dict

from .application import Application
from .connection import BadRequest, ClientGone, Connection, Request
from .environ import Environ
from .log import log, log_exception
from .request_id import RequestIdVariable
from .response import Response, refusal
from .timeouts import RequestTimeout, Timeouts

READY_PATH = b"/__mfserv_ready"
# The system's own limit (net.core.somaxconn) is 4096 as a rule. A full backlog is a 502 at once.
BACKLOG = 4096
# nginx closes a connection that was idle for 1 s; until then a request may be on its way on it.
LINGER_SECONDS = 1.5
# For the rest of a body that the application did not read.
DISCARD_SECONDS = 2.0
_MOST_EVENTS = 64


class Server:
    """Serves `application` on `path` until SIGTERM or SIGINT, then answers everything that has already come."""

    def __init__(self, path: str, application: Application, timeouts: Timeouts) -> None:
        self._application = application
        self._timeouts = timeouts
        self._path = path
        self._listener = listen(path)
        self._inode = os.stat(path).st_ino
        self._connections: Dict[int, Connection] = {}
        self._request_id = RequestIdVariable()
        self._stopping = False
        self._wake_out, self._wake_in = os.pipe()
        os.set_blocking(self._wake_in, False)
        self._poll = select.epoll()
        self._poll.register(self._listener.fileno(), select.EPOLLIN)
        self._poll.register(self._wake_out, select.EPOLLIN)
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)

    def run(self) -> None:
        """Returns when the last connection has been served."""
        listener = self._listener.fileno()
        poll = self._poll.poll
        while not self._stopping:
            for descriptor, events in poll(None, _MOST_EVENTS):
                if descriptor == listener:
                    self._accept()
                elif descriptor != self._wake_out:
                    self._serve(descriptor, events)
        self._finish()

    def _stop(self, _signal: int, _frame: Any) -> None:
        self._stopping = True
        try:
            os.write(self._wake_in, b"x")
        except BlockingIOError:
            return  # The pipe is full of earlier signals, so the loop wakes anyhow.

    def _finish(self) -> None:
        """Nobody can connect once the path is gone; whoever had connected before is answered."""
        if os.path.exists(self._path) and os.stat(self._path).st_ino == self._inode:
            os.unlink(self._path)
        while self._accept():
            pass
        self._poll.unregister(self._wake_out)
        self._poll.unregister(self._listener.fileno())
        self._listener.close()
        until = monotonic() + LINGER_SECONDS
        while self._connections:
            ready = self._poll.poll(max(0.0, until - monotonic()), _MOST_EVENTS)
            if not ready:
                break
            for descriptor, events in ready:
                self._serve(descriptor, events)
            until = monotonic() + LINGER_SECONDS

    def _accept(self) -> bool:
        try:
            accepted, _ = self._listener.accept()
        except OSError:
            return False  # Nobody waits; or no descriptor is left, and they wait in the backlog until one is.
        descriptor = accepted.fileno()
        self._connections[descriptor] = Connection(accepted)
        self._poll.register(descriptor, select.EPOLLIN)
        return True

    def _serve(self, descriptor: int, events: int) -> None:
        """Answers what has come on one connection. A request whose client has already gone is not run."""
        connection = self._connections.get(descriptor)
        if connection is None:
            return
        if events & select.EPOLLHUP or not self._answer_all(connection):
            del self._connections[descriptor]
            connection.close()

    def _answer_all(self, connection: Connection) -> bool:
        """Whether the connection stays open."""
        try:
            if not connection.receive(socket.MSG_DONTWAIT):
                return False
            while connection.requests:
                request = connection.requests.popleft()
                keep = self._answer(connection, request)
                if not request.complete:
                    if not keep:
                        connection.socket.shutdown(socket.SHUT_WR)
                    keep = connection.discard_rest(request, DISCARD_SECONDS) and keep
                if not keep:
                    return False
            return True
        except BlockingIOError:
            return True
        except BadRequest as error:
            log("WARNING", f"answered {error.status}: {error}")
            connection.socket.send(refusal(error.status), socket.MSG_DONTWAIT)
            return False
        except OSError:
            return False  # The client has gone; there is nobody to tell.

    def _answer(self, connection: Connection, request: Request) -> bool:
        """Runs the application for one request; whether the connection can carry another."""
        environ = request.environ
        response = Response(connection, request, request.keep_alive and not self._stopping)
        if request.target == READY_PATH and environ.get("HTTP_X_MFSERV_READY") == "1":
            response.start("204 No Content", [])
            response.send([])
            return response.keep_alive
        self._request_id.set(environ.get("HTTP_X_REQUEST_ID", ""))
        environ["wsgi.input"] = connection.input(request)
        timeouts = self._timeouts
        try:
            try:
                timeouts.begin(request, response, connection.socket)
                self._run(environ, response)
            finally:
                timeouts.end()
            return response.keep_alive
        except RequestTimeout as error:
            timeouts.end()  # It may have come between the end of the request and that of its time.
            refuse(request, response, "504 Gateway Timeout", "", f"took more than {timeouts.seconds:g} s", error)
        except ClientGone as error:
            log("INFO", f"{request.name()}: {error}")
        except BadRequest as error:
            refuse(request, response, error.status, "", "has a body that is not HTTP", error)
        except BaseException as error:
            text = "HTTP/500 Internal Server Error"
            refuse(request, response, "500 Internal Server Error", text, "failed", error)
        finally:
            # A body that came after its head refers back to this environment. Left to the collector, thousands would wait for it.
            environ.pop("wsgi.input", None)
            self._request_id.set("")
        return False

    def _run(self, environ: Environ, response: Response) -> None:
        body = self._application(environ, response.start)
        try:
            response.send(body)
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()


def refuse(request: Request, response: Response, status: str, text: str, what: str, error: BaseException) -> None:
    """Logs, and answers in place of the application unless part of its answer has left: then the connection just ends."""
    outcome = "its connection was closed inside the answer" if response.started else f"answered {status}"
    log_exception(f"{request.name()} {what}: {outcome}", error)
    if not response.started:
        response.refuse(status, text)


def listen(path: str) -> socket.socket:
    """A listening socket at `path`, in place of one that nobody listens on any more. Raises OSError."""
    if _is_stale(path):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


def _is_stale(path: str) -> bool:
    if not os.path.exists(path):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(path) == errno.ECONNREFUSED
