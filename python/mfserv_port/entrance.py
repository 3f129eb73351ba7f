"""The way to the port of a program, and to nobody else who listens there."""

import errno
import os
import socket
from typing import Optional

from .listener import LOOPBACK, Listener, Listeners, is_of_session

UNDER_WAY = (0, errno.EINPROGRESS)


class Entrance:
    """`known`: a listener of the program."""

    def __init__(self, listeners: Listeners, known: Listener, port: int) -> None:
        self._listeners = listeners
        self._known = known
        self._port = port

    def connect(self) -> Optional[socket.socket]:
        """
        A connection that is under way, or None when the program does not listen. Looked at afterwards: a listener that is still
        there was there all the time, so nobody else can have got the connection.
        """
        family = self._known.family
        sock = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if sock.connect_ex((LOOPBACK[family], self._port)) in UNDER_WAY and self._is_ours(family):
            return sock
        sock.close()
        return None

    def _is_ours(self, family: int) -> bool:
        now = self._listeners.of(family, self._port)
        if now is None or (now.inode != self._known.inode and not is_of_session(now, os.getsid(0))):
            return False
        self._known = now
        return True
