"""One answer: status, headers and body of a WSGI application, framed as HTTP/1.1."""

from __future__ import annotations

from typing import Any, Callable, Iterable, List, Optional, Tuple

from .connection import ClientGone, Connection, Request

Headers = List[Tuple[str, str]]

# How the bytes are framed and how long a connection lives is the server's business (PEP 3333, "Other HTTP Features").
_HOP_BY_HOP = frozenset(
    ("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade")
)
# Above this, sending head and body one after the other is cheaper than copying them together.
_COPIED_BYTES = 64 * 1024


def refusal(status: str, text: str = "") -> bytes:
    """A whole answer of the server's own, the last one of its connection."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(text)}\r\nConnection: close\r\n\r\n"
    return (head + text).encode("ascii")


class Response:
    """`keep_alive` tells, once the answer is sent, whether the connection can carry another one."""

    __slots__ = ("keep_alive", "started", "_socket", "_http11", "_is_head", "_status", "_headers", "_framing", "_left")

    def __init__(self, connection: Connection, request: Request, keep_alive: bool) -> None:
        self.keep_alive = keep_alive
        # True from the first byte on: the status can no longer change.
        self.started = False
        self._socket = connection.socket
        self._http11 = request.environ["SERVER_PROTOCOL"] == "HTTP/1.1"
        self._is_head = request.environ["REQUEST_METHOD"] == "HEAD"
        self._status: Optional[str] = None
        self._headers: Headers = []
        self._framing = "none"
        self._left = 0

    def start(self, status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], None]:
        """WSGI's start_response."""
        if exc_info is not None:
            try:
                if self.started:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        elif self._status is not None:
            raise AssertionError("start_response was called a second time without exc_info")
        self._status = status
        self._headers = list(headers)
        return self._write

    def send(self, body: Iterable[bytes]) -> None:
        """Sends all of the application's iterable, in one piece if it is a list. Raises ClientGone."""
        if isinstance(body, (list, tuple)) and not self.started:
            self._send_whole(body[0] if len(body) == 1 else b"".join(body))
            return
        for chunk in body:
            if chunk:
                self._write(chunk)
        if self.started:
            self._finish()
        else:
            self._send_whole(b"")

    def refuse(self, status: str, text: str) -> None:
        """Answers in place of the application. Only before anything was sent."""
        self.started = True
        self.keep_alive = False
        self._transmit(refusal(status, "" if self._is_head else text))

    def _send_whole(self, body: bytes) -> None:
        self._send_first(self._head(len(body)), body)
        self._finish()

    def _write(self, data: bytes) -> None:
        if self.started:
            self._transmit(self._framed(data))
        else:
            self._send_first(self._head(None), data)

    def _send_first(self, head: bytes, data: bytes) -> None:
        framed = self._framed(data)
        if len(framed) <= _COPIED_BYTES:
            head, framed = head + framed, b""
        self.started = True
        self._transmit(head)
        if framed:
            self._transmit(framed)

    def _head(self, length: Optional[int]) -> bytes:
        """The head, ended; decides the framing. `length`: of the whole body, None if it comes in parts."""
        status = self._status
        if status is None:
            raise AssertionError("the application returned its body before it called start_response")
        lines = [f"HTTP/1.1 {status}"]
        declared: Optional[int] = None
        for name, value in self._headers:
            lower = name.lower()
            if lower in _HOP_BY_HOP:
                continue
            if lower == "content-length":
                declared = int(value)
            lines.append(f"{name}: {value}")
        framing_line = self._frame(status, declared, length)
        if framing_line:
            lines.append(framing_line)
        if not self.keep_alive:
            lines.append("Connection: close")
        text = "\r\n".join(lines)
        if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1:
            raise ValueError("the status or a header of the answer has a line break in it")
        return f"{text}\r\n\r\n".encode("latin-1")

    def _frame(self, status: str, declared: Optional[int], length: Optional[int]) -> str:
        """Decides how the body is delimited; returns the header line that says so, if the application wrote none."""
        if status[:3] in ("204", "304") or status[0] == "1":
            self._framing = "none"
            return ""
        if self._is_head:
            self._framing = "none"
            # An application that leaves the body out knows a length that we do not.
            return f"Content-Length: {length}" if length and declared is None else ""
        if declared is None and length is None:
            if self._http11:
                self._framing = "chunked"
                return "Transfer-Encoding: chunked"
            self._framing = "close"
            self.keep_alive = False
            return ""
        self._framing = "length"
        self._left = declared if declared is not None else length or 0
        return f"Content-Length: {length}" if declared is None else ""

    def _framed(self, data: bytes) -> bytes:
        if self._framing == "length":
            if len(data) > self._left:
                data = data[: self._left]
            self._left -= len(data)
            return data
        if self._framing == "chunked":
            return b"%x\r\n%b\r\n" % (len(data), data)
        return data if self._framing == "close" else b""

    def _finish(self) -> None:
        if self._framing == "chunked":
            self._transmit(b"0\r\n\r\n")
        elif self._framing == "length" and self._left > 0:
            # Fewer bytes than announced: only the end of the connection tells the client.
            self.keep_alive = False

    def _transmit(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise ClientGone(f"the client did not wait for the answer: {error}") from None
