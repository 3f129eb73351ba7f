"""One connection from nginx, and the one request it carries: bytes in, a request out."""

import io
import re

from .clock import monotonic
from .environ import environ_of
from .printable import printable

# nginx limits a head to 32 kB by default.
MOST_HEAD_BYTES = 256 * 1024
# A head that has begun is there at once: it comes from nginx on the same machine.
_HEAD_SECONDS = 10.0
_RECEIVE_BYTES = 64 * 1024
_MOST_LINE_BYTES = 4096

_REQUEST_LINE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([!-~\x80-\xff]+) HTTP/(1\.[01])$")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$")


class BadRequest(Exception):
    """The bytes are not HTTP, or the head is too long. `status` is the answer."""

    def __init__(self, status, reason):
        Exception.__init__(self, reason)
        self.status = status


class ClientGone(IOError):
    """The other end has closed the connection in the middle of a request or of its answer."""


class Request(object):
    """A request whose head has been read. `body` is the rest of it, read on demand."""

    def __init__(self, environ, target, body):
        self.environ = environ
        self.target = target
        self.body = body

    def name(self):
        """For log lines."""
        return "%s %s" % (self.environ["REQUEST_METHOD"], printable(self.environ["REQUEST_URI"]))


class Connection(object):
    def __init__(self, accepted):
        self.socket = accepted
        self._received = b""

    def close(self):
        self.socket.close()

    def request(self):
        """The request that has come; None if the client has gone instead. Raises BadRequest, IOError."""
        head = self._head()
        if head is None:
            return None
        lines = head.split("\r\n")
        first = _REQUEST_LINE.match(lines[0])
        if first is None:
            raise BadRequest("400 Bad Request", "the first line is not a request")
        method, target, version = first.groups()
        headers = [_header(line) for line in lines[1:]]
        body = self._body(headers)
        return Request(environ_of(method, target, version, headers), target, body)

    def _head(self):
        until = monotonic() + _HEAD_SECONDS
        while True:
            end = self._received.find(b"\r\n\r\n")
            if end >= 0:
                head, self._received = self._received[:end], self._received[end + 4 :]
                return head
            if len(self._received) > MOST_HEAD_BYTES:
                raise BadRequest("431 Request Header Fields Too Large", "a head of more than %d bytes" % MOST_HEAD_BYTES)
            # A silent client must not keep the others waiting.
            self.socket.settimeout(max(0.001, until - monotonic()))
            more = self.socket.recv(_RECEIVE_BYTES)
            if not more:
                return None
            self._received += more

    def _body(self, headers):
        self.socket.settimeout(None)
        lengths = [value for name, value in headers if name.lower() == "content-length"]
        codings = [value.lower() for name, value in headers if name.lower() == "transfer-encoding"]
        expects = any(name.lower() == "expect" and value.lower() == "100-continue" for name, value in headers)
        if codings:
            if codings != ["chunked"] or lengths:
                raise BadRequest("400 Bad Request", "a body whose length cannot be told")
            return _Chunked(self, expects)
        if not lengths:
            return _Sized(self, 0, expects)
        if len(set(lengths)) != 1 or re.match(r"[0-9]{1,18}$", lengths[0]) is None:
            raise BadRequest("400 Bad Request", "a Content-Length that is no number")
        return _Sized(self, int(lengths[0]), expects)

    def receive_into(self, target):
        """At least one byte, at most as many as fit. Raises ClientGone at the end."""
        if self._received:
            count = min(len(self._received), len(target))
            target[:count] = self._received[:count]
            self._received = self._received[count:]
            return count
        count = self.socket.recv_into(target)
        if count == 0:
            raise ClientGone("the client closed the connection inside the body of its request")
        return count

    def receive_line(self):
        """A line of the framing, without its end."""
        while True:
            line, end, rest = self._received.partition(b"\r\n")
            if end:
                self._received = rest
                return line
            if len(line) > _MOST_LINE_BYTES:
                raise BadRequest("400 Bad Request", "a chunk without a length")
            more = self.socket.recv(_RECEIVE_BYTES)
            if not more:
                raise ClientGone("the client closed the connection inside the body of its request")
            self._received += more


def _header(line):
    found = _HEADER.match(line)
    if found is None or re.search(r"[\0\r\n]", line):
        raise BadRequest("400 Bad Request", "a line of the head is not a header")
    return found.groups()


class _Body(io.RawIOBase):
    """The body of a request. `complete` once all of it has been received."""

    def __init__(self, connection, left, expects):
        io.RawIOBase.__init__(self)
        self._connection = connection
        self._left = left
        self._expects = expects
        self.complete = left == 0

    def readable(self):
        return True

    def readinto(self, target):
        if self._expects:
            self._expects = False
            self._connection.socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if self._left == 0 and not self.complete:
            self._next()
        if self.complete or len(target) == 0:
            return 0
        count = self._connection.receive_into(memoryview(target)[: min(len(target), self._left)])
        self._left -= count
        if self._left == 0:
            self._end()
        return count

    def input(self):
        """As `wsgi.input`."""
        return io.BufferedReader(self, _RECEIVE_BYTES)

    def discard(self, seconds):
        """Reads what the application left, so that a client that still sends gets its answer; gives up after `seconds`."""
        until = monotonic() + seconds
        scratch = bytearray(_RECEIVE_BYTES)
        # A client that waits to be told to send will not send any more.
        while not self.complete and not self._expects and monotonic() < until:
            self._connection.socket.settimeout(max(0.001, until - monotonic()))
            self.readinto(scratch)


class _Sized(_Body):
    def _next(self):
        self.complete = True

    def _end(self):
        self.complete = True


class _Chunked(_Body):
    def __init__(self, connection, expects):
        _Body.__init__(self, connection, 0, expects)
        self.complete = False

    def _next(self):
        text = self._connection.receive_line().partition(b";")[0].strip()
        if re.match(r"[0-9A-Fa-f]{1,15}$", text) is None:
            raise BadRequest("400 Bad Request", "a chunk without a length")
        self._left = int(text, 16)
        if self._left == 0:
            while self._connection.receive_line():
                pass  # Trailers, which nobody asked for.
            self.complete = True

    def _end(self):
        if self._connection.receive_line():
            raise BadRequest("400 Bad Request", "a chunk that is longer than it says")
