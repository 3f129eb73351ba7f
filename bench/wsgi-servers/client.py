"""A raw HTTP client that shows what really travels: one connection, no retry."""

import socket
from typing import Dict, Tuple


class Connection:
    def __init__(self, address: str, seconds: float = 15) -> None:
        """`address`: a path, or a port on the loopback."""
        family = socket.AF_INET if address.isdigit() else socket.AF_UNIX
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(seconds)
        self.socket.connect(("127.0.0.1", int(address)) if address.isdigit() else address)
        self.file = self.socket.makefile("rb")

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        self.socket.close()

    def send(self, method: str, path: str, headers: Tuple[str, ...] = (), body: bytes = b"") -> None:
        head = "\r\n".join((f"{method} {path} HTTP/1.1", "Host: localhost:18868", *headers))
        self.socket.sendall(f"{head}\r\n\r\n".encode() + body)

    def head(self) -> Tuple[int, Dict[str, str]]:
        line = self.file.readline().split()
        if len(line) < 2:
            raise ConnectionError("closed without an answer")
        headers = {}
        for header in iter(self.file.readline, b"\r\n"):
            if not header:
                raise ConnectionError("closed inside the head")
            name, _, value = header.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        return int(line[1]), headers

    def body(self, headers: Dict[str, str]) -> bytes:
        if "content-length" in headers:
            return self.file.read(int(headers["content-length"]))
        if headers.get("transfer-encoding") != "chunked":
            return self.file.read()
        parts = []
        while True:
            size = int(self.file.readline(), 16)
            parts.append(self.file.read(size))
            self.file.readline()
            if size == 0:
                return b"".join(parts)

    def answer(self) -> Tuple[int, bytes]:
        status, headers = self.head()
        return status, self.body(headers)


def ask(address: str, path: str, method: str = "GET", headers: Tuple[str, ...] = (), body: bytes = b"") -> Tuple[int, bytes]:
    with Connection(address) as connection:
        connection.send(method, path, headers, body)
        return connection.answer()

