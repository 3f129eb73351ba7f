"""The loop: connections wait in an epoll set, one request at a time is answered, in the main thread."""

import errno
import fcntl
import os
import select
import signal
import socket
import sys

from .application import load_for
from .clock import monotonic
from .connection import BadRequest, ClientGone, Connection
from .log import log, log_exception
from .request_id import RequestIdVariable
from .response import Response, refusal
from .timeouts import RequestTimeout, Timeouts

READY_PATH = "/__mfserv_ready"
# The system's own limit (net.core.somaxconn) is 4096 as a rule. A full backlog is a 502 at once.
BACKLOG = 4096
# For a connection that has been made and has sent nothing when the worker is asked to stop.
LINGER_SECONDS = 1.5
# For the rest of a body that the application did not read.
DISCARD_SECONDS = 2.0
_MOST_EVENTS = 64


def serve(worker):
    """Until SIGTERM or SIGINT. Raises LoadError, and socket.error if it cannot listen."""
    Server(worker.socket, load_for(worker), Timeouts(worker.timeout)).run()


class Server(object):
    """Serves `application` on `path` until SIGTERM or SIGINT, then answers everything that has already come."""

    def __init__(self, path, application, timeouts):
        self._application = application
        self._timeouts = timeouts
        self._path = path
        self._listener = listen(path)
        self._inode = os.stat(path).st_ino
        self._connections = {}
        self._request_id = RequestIdVariable()
        self._stopping = False
        self._wake_out, self._wake_in = os.pipe()
        for descriptor in (self._wake_out, self._wake_in):
            _keep_from_children(descriptor)
            fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_NONBLOCK)
        self._poll = select.epoll()
        _keep_from_children(self._poll.fileno())
        self._poll.register(self._listener.fileno(), select.EPOLLIN)
        self._poll.register(self._wake_out, select.EPOLLIN)
        # A signal between a look at `_stopping` and the wait for the next connection still ends that wait.
        signal.set_wakeup_fd(self._wake_in)
        for ending in (signal.SIGTERM, signal.SIGINT):
            signal.signal(ending, self._stop)
            # Python 2 would let the reads of the request under way fail with EINTR.
            signal.siginterrupt(ending, False)

    def run(self):
        """Returns when the last connection has been served."""
        listener = self._listener.fileno()
        while not self._stopping:
            for descriptor, events in self._wait(-1):
                if descriptor == listener:
                    self._accept()
                elif descriptor == self._wake_out:
                    _drain(self._wake_out)
                else:
                    self._serve(descriptor, events)
        self._finish()

    def _stop(self, _signal, _frame):
        self._stopping = True

    def _wait(self, seconds):
        try:
            return self._poll.poll(seconds, _MOST_EVENTS)
        except IOError as error:
            if error.errno != errno.EINTR:
                raise
            return [(self._wake_out, select.EPOLLIN)]

    def _finish(self):
        """Nobody can connect once the path is gone; whoever had connected before is answered."""
        if os.path.exists(self._path) and os.stat(self._path).st_ino == self._inode:
            os.unlink(self._path)
        while self._accept():
            pass
        self._poll.unregister(self._listener.fileno())
        self._listener.close()
        until = monotonic() + LINGER_SECONDS
        while self._connections and monotonic() < until:
            for descriptor, events in self._wait(max(0.0, until - monotonic())):
                if descriptor == self._wake_out:
                    _drain(self._wake_out)
                    continue
                self._serve(descriptor, events)
                until = monotonic() + LINGER_SECONDS

    def _accept(self):
        try:
            accepted, _ = self._listener.accept()
        except socket.error:
            return False  # Nobody waits; or no descriptor is left, and they wait in the backlog until one is.
        descriptor = accepted.fileno()
        _keep_from_children(descriptor)
        self._connections[descriptor] = Connection(accepted)
        self._poll.register(descriptor, select.EPOLLIN)
        return True

    def _serve(self, descriptor, events):
        """Answers the request of one connection and ends it. A request whose client has already gone is not run."""
        connection = self._connections.pop(descriptor, None)
        if connection is None:
            return
        self._poll.unregister(descriptor)
        try:
            if not events & select.EPOLLHUP:
                self._answer_one(connection)
        except BadRequest as error:
            log("WARNING", "answered %s: %s" % (error.status, error))
            _say(connection, refusal(error.status))
        except EnvironmentError:
            return  # The client has gone; there is nobody to tell.
        finally:
            connection.close()

    def _answer_one(self, connection):
        request = connection.request()
        if request is None:
            return
        if request.target == READY_PATH and request.environ.get("HTTP_X_MFSERV_READY") == "1":
            connection.socket.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
            return
        self._answer(connection, request)
        # Closing with a part of the body unread would cut the answer off for a client that still sends.
        connection.socket.shutdown(socket.SHUT_WR)
        try:
            request.body.discard(DISCARD_SECONDS)
        except BadRequest:
            return  # The answer is out, and nothing more can be had from this client.

    def _answer(self, connection, request):
        """Runs the application for one request."""
        environ = request.environ
        response = Response(connection.socket, request)
        self._request_id.set(environ.get("HTTP_X_REQUEST_ID", ""))
        environ["wsgi.input"] = request.body.input()
        timeouts = self._timeouts
        try:
            try:
                timeouts.begin(request, response, connection.socket)
                self._run(environ, response)
            finally:
                timeouts.end()
        except RequestTimeout:
            timeouts.end()  # It may have come between the end of the request and that of its time.
            refuse(request, response, "504 Gateway Timeout", "", "took more than %g s" % timeouts.seconds)
        except ClientGone as error:
            log("INFO", "%s: %s" % (request.name(), error))
        except BadRequest as error:
            refuse(request, response, error.status, "", "has a body that is not HTTP")
        except BaseException:
            refuse(request, response, "500 Internal Server Error", "HTTP/500 Internal Server Error", "failed")
        finally:
            self._request_id.set("")

    def _run(self, environ, response):
        body = self._application(environ, response.start)
        try:
            response.send(body)
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()


def refuse(request, response, status, text, what):
    """Logs the exception being handled, and answers in place of the application unless part of its answer has left."""
    outcome = "its connection was closed inside the answer" if response.started else "answered %s" % status
    log_exception("%s %s: %s" % (request.name(), what, outcome), sys.exc_info())
    if not response.started:
        response.refuse(status, text)


def listen(path):
    """A listening socket at `path`, in place of one that nobody listens on any more. Raises socket.error."""
    if _is_stale(path):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    _keep_from_children(listener.fileno())
    listener.bind(path)
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


def _is_stale(path):
    if not os.path.exists(path):
        return False
    probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        return probe.connect_ex(path) == errno.ECONNREFUSED
    finally:
        probe.close()


def _keep_from_children(descriptor):
    """Python 2 passes every descriptor on: a process that the application starts would hold the connection open."""
    fcntl.fcntl(descriptor, fcntl.F_SETFD, fcntl.fcntl(descriptor, fcntl.F_GETFD) | fcntl.FD_CLOEXEC)


def _drain(descriptor):
    try:
        os.read(descriptor, 4096)
    except OSError as error:
        if error.errno != errno.EAGAIN:
            raise


def _say(connection, answer):
    try:
        connection.socket.send(answer, socket.MSG_DONTWAIT)
        connection.socket.shutdown(socket.SHUT_WR)
    except socket.error as error:
        log("INFO", "the client did not wait for the answer: %s" % error)
