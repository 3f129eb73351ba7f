"""gunicorn's sync worker with fewer calls of the system for each request.

gunicorn sends the head of an answer and its body one by one. After it, it waits until nginx has closed the connection: a rest of
the request that nobody has read would make the system drop a part of the answer. Of a request without a body there is no rest.
"""

from __future__ import annotations

import errno
import socket
from typing import Any, Generator

from gunicorn.workers import sync

Body = Generator[bytes, None, None]


class SyncWorker(sync.SyncWorker):
    def accept(self, listener: Any) -> None:
        # What Python accepts blocks, and is closed in programs that are started: gunicorn sees to both once more.
        client, address = listener.accept()
        self.handle(listener, client if self.cfg.is_ssl else _Connection(client), address)


def in_one_piece(environ: dict, body: Body) -> Body:
    """The same body, of which the first piece leaves together with the head. Raises OSError."""
    connection = environ["gunicorn.socket"]
    if not isinstance(connection, _Connection):
        return body
    if "CONTENT_LENGTH" not in environ and "HTTP_TRANSFER_ENCODING" not in environ:
        connection.all_is_read = True
    return _held(connection, body)


def _held(connection: _Connection, body: Body) -> Body:
    try:
        for first in body:
            # An empty piece is the head alone, for a client that is to have it before there is a body.
            if not first:
                yield first
                continue
            connection.hold()
            try:
                yield first
            finally:
                connection.release()
            break
        yield from body
    finally:
        body.close()


class _Connection:
    """That of one request, as gunicorn sees it."""

    def __init__(self, client: socket.socket) -> None:
        self.all_is_read = False
        self._socket = client
        self._is_held = False
        self._held = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def hold(self) -> None:
        """What is sent from now on leaves with `release`."""
        self._is_held = True

    def release(self) -> None:
        held, self._held, self._is_held = self._held, b"", False
        if held:
            self._socket.sendall(held)

    def sendall(self, data: bytes) -> None:
        if self._is_held:
            self._held += data
        else:
            self._socket.sendall(data)

    def shutdown(self, how: int) -> None:
        """The beginning of gunicorn's wait. Raises OSError for a connection that is closed, where there is nothing to wait for."""
        if not self.all_is_read:
            self._socket.shutdown(how)
            return
        self._socket.close()
        raise OSError(errno.EBADF, "closed, as all was read")
