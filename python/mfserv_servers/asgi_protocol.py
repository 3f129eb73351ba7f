"""uvicorn's HTTP, but for offers to change the protocol.

uvicorn takes a request that offers a protocol for one without a body. It throws away what has come of that body, and reads the
rest as further requests. Here only a websocket is an offer; every other one is an ordinary request, the last of its connection.
"""

from __future__ import annotations

from typing import Any, List, Optional, Tuple

from httptools import HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

Headers = List[Tuple[bytes, bytes]]


class Protocol(HttpToolsProtocol):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        # How the body is framed whose request offered what is not spoken here; empty when it has none.
        self.declined: Optional[bytes] = None
        self.parser: Any = _Parser(self)
        # As uvicorn does, for the versions of httptools that have it.
        if hasattr(self.parser, "set_dangerous_leniencies"):
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)

    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade() and not _is_websocket(self.parser.get_method(), self.headers):
            self.declined = _framing(self.headers)
            # Without this header uvicorn sees no offer. The list is the one of the scope.
            self.headers[:] = [(name, value) for name, value in self.headers if name != b"upgrade"]
        super().on_headers_complete()
        if self.declined is not None:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        # The parser skips the body after an offer, so this is not its end.
        if not self.declined:
            super().on_message_complete()


class _Parser(HttpRequestParser):
    """The parser that uvicorn feeds. After an offer that was declined it reads one body, and nothing behind it."""

    def __init__(self, protocol: Protocol) -> None:
        super().__init__(protocol)
        self._protocol = protocol
        self._body: Optional[_Body] = None

    def feed_data(self, data: bytes) -> None:
        if self._body is not None:
            self._body.feed_data(data)
            return
        try:
            super().feed_data(data)
        except HttpParserUpgrade as offer:
            declined = self._protocol.declined
            if declined is None:
                raise
            self._body = _Body(self._protocol, declined)
            self._body.feed_data(data[offer.args[0] :])


class _Body:
    """What comes after a head whose parser has stopped. Another parser is told only how the body is framed."""

    def __init__(self, protocol: Protocol, framing: bytes) -> None:
        self._protocol = protocol
        self._ended = framing == b""
        self._parser = HttpRequestParser(self)
        if not self._ended:
            self._parser.feed_data(b"POST / HTTP/1.1\r\n" + framing + b"\r\n\r\n")

    def feed_data(self, data: bytes) -> None:
        if not self._ended and data:
            self._parser.feed_data(data)

    def on_body(self, part: bytes) -> None:
        if not self._ended:
            HttpToolsProtocol.on_body(self._protocol, part)

    def on_message_complete(self) -> None:
        if not self._ended:
            self._ended = True
            HttpToolsProtocol.on_message_complete(self._protocol)


def _is_websocket(method: bytes, headers: Headers) -> bool:
    offered = [value.strip().lower() for name, value in headers if name == b"upgrade"]
    return method == b"GET" and offered == [b"websocket"] and _framing(headers) == b""


def _framing(headers: Headers) -> bytes:
    """The header line that says how long the body is; empty for none."""
    if any(name == b"transfer-encoding" for name, _ in headers):
        return b"Transfer-Encoding: chunked"
    length = next((value.strip() for name, value in headers if name == b"content-length"), b"")
    return b"" if length.strip(b"0") == b"" else b"Content-Length: " + length
