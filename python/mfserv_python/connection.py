"""One connection from nginx: bytes in, requests out. The bytes are parsed by httptools (llhttp)."""

from __future__ import annotations

import io
import socket
from collections import deque
from time import monotonic
from typing import Any, Deque

from httptools import HttpParserCallbackError, HttpParserError, HttpParserUpgrade, HttpRequestParser

from . import environ as wsgi_environ
from .printable import printable

# nginx limits a head to 32 kB by default.
MOST_HEAD_BYTES = 256 * 1024
_RECEIVE_BYTES = 64 * 1024
_buffer = bytearray(_RECEIVE_BYTES)
_view = memoryview(_buffer)


class BadRequest(Exception):
    """The bytes are not HTTP, or the head is too long. `status` is the answer."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class ClientGone(ConnectionError):
    """The other end has closed the connection in the middle of a request or of its answer."""


class Request:
    """A request whose head has been read. The body may still be on its way: reading `input` waits for it."""

    __slots__ = ("environ", "target", "keep_alive", "chunks", "complete", "wants_continue")

    def __init__(self, environ: wsgi_environ.Environ, target: bytes, keep_alive: bool) -> None:
        self.environ = environ
        self.target = target
        self.keep_alive = keep_alive
        self.chunks: Deque[bytes] = deque()
        self.complete = False
        self.wants_continue = environ.get("HTTP_EXPECT", "").lower() == "100-continue"

    def name(self) -> str:
        """For log lines."""
        return f"{self.environ['REQUEST_METHOD']} {printable(self.environ['REQUEST_URI'])}"


class Connection:
    """Collects requests in `requests`. Also the object httptools calls back."""

    __slots__ = ("socket", "requests", "_parser", "_environ", "_target", "_receiving", "_head_bytes", "_body_only")

    def __init__(self, accepted: socket.socket) -> None:
        self.socket = accepted
        self.requests: Deque[Request] = deque()
        self._parser: Any = HttpRequestParser(self)
        self._environ: wsgi_environ.Environ = {}
        self._target = b""
        self._receiving: Request | None = None
        self._head_bytes = 0
        self._body_only = False

    def close(self) -> None:
        """Also lets go of the parser: it refers back to this object, so both would be left to the collector."""
        self.socket.close()
        self._parser = None

    def receive(self, flags: int = 0) -> bool:
        """Reads what is there (waits for it without MSG_DONTWAIT); False at the end. Raises BadRequest, OSError."""
        count = self.socket.recv_into(_buffer, _RECEIVE_BYTES, flags)
        if count == 0:
            return False
        self._head_bytes += count
        try:
            self._feed(_view[:count])
        except HttpParserCallbackError as error:
            # Our own exception, such as the timeout of the request, wrapped by the parser.
            raise (error.__context__ or error) from None
        except HttpParserError as error:
            raise BadRequest("400 Bad Request", str(error)) from None
        if self._receiving is None and self._head_bytes > MOST_HEAD_BYTES:
            raise BadRequest("431 Request Header Fields Too Large", f"a head of more than {MOST_HEAD_BYTES} bytes")
        return True

    def _feed(self, data: memoryview) -> None:
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            self._ignore_upgrade(data[upgrade.args[0] :])

    def _ignore_upgrade(self, rest: memoryview) -> None:
        """No WSGI application can change the protocol, so the request is an ordinary one, the last of its connection.

        The parser leaves it before the body; another one, told only how long the body is, goes on.
        """
        request = self.requests[-1]
        request.keep_alive = False
        length = request.environ.get("CONTENT_LENGTH")
        chunked = "HTTP_TRANSFER_ENCODING" in request.environ
        if not chunked and length in (None, "0"):
            return
        request.complete = False
        self._receiving = request
        self._body_only = True
        self._parser = HttpRequestParser(self)
        framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {length}"
        self._parser.feed_data(f"POST / HTTP/1.1\r\n{framing}\r\n\r\n".encode("latin-1"))
        if rest:
            self._parser.feed_data(rest)

    def discard_rest(self, request: Request, seconds: float) -> bool:
        """Reads what the application left of the body, so that the next request is found; False if it does not come in time.

        Closing instead would cut the answer off for a client that still sends.
        """
        until = monotonic() + seconds
        try:
            while not request.complete:
                request.chunks.clear()
                left = until - monotonic()
                if left <= 0:
                    return False
                self.socket.settimeout(left)
                if not self.receive():
                    return False
            return True
        except (OSError, BadRequest):
            return False  # The answer is out, and nothing more can be had from this client.
        finally:
            self.socket.settimeout(None)

    def input(self, request: Request) -> io.BufferedIOBase:
        """The body as `wsgi.input`: in memory when all of it came with the head, read on demand otherwise."""
        if request.complete:
            return io.BytesIO(b"".join(request.chunks))
        return io.BufferedReader(_Body(self, request), _RECEIVE_BYTES)

    # Called by the parser.

    def on_message_begin(self) -> None:
        if not self._body_only:
            self._environ = wsgi_environ.BASE.copy()
            self._target = b""

    def on_url(self, part: bytes) -> None:
        self._target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        # As add_header has it for a header that is known and stands there once: nearly all, and a call less for each.
        key = wsgi_environ.KEYS.get(name)
        if key and key not in self._environ:
            self._environ[key] = value.decode("latin-1")
        else:
            wsgi_environ.add_header(self._environ, name, value)

    def on_headers_complete(self) -> None:
        if self._body_only:
            return
        parser = self._parser
        version = parser.get_http_version()
        wsgi_environ.complete(self._environ, parser.get_method(), self._target, version)
        keep_alive = version == "1.1" and parser.should_keep_alive()
        self._receiving = Request(self._environ, self._target, keep_alive)
        self.requests.append(self._receiving)

    def on_body(self, chunk: bytes) -> None:
        if self._receiving is not None:
            self._receiving.chunks.append(chunk)

    def on_message_complete(self) -> None:
        if self._receiving is not None:
            self._receiving.complete = True
        self._receiving = None
        self._head_bytes = 0


class _Body(io.RawIOBase):
    """The part of a request's body that is not here yet. Raises ClientGone if it never comes."""

    def __init__(self, connection: Connection, request: Request) -> None:
        super().__init__()
        self._connection = connection
        self._request = request

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        request = self._request
        while not request.chunks:
            if request.complete:
                return 0
            if request.wants_continue:
                request.wants_continue = False
                self._connection.socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            if not self._connection.receive():
                raise ClientGone("the client closed the connection inside the body of its request")
        chunk = request.chunks.popleft()
        count = min(len(chunk), len(target))
        target[:count] = chunk[:count]
        if count < len(chunk):
            request.chunks.appendleft(chunk[count:])
        return count
