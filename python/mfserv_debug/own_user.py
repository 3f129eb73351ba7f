"""
Ports of this machine for its own user alone. Every user can reach a port of it, and who reaches that of a debugger can run
any code as the one who debugs.
"""

from __future__ import annotations

import os
import socket
import struct
from typing import Any, Optional, Tuple


class OwnUsersSocket(socket.socket):
    """Accepts only connections of the user that listens, and of root."""

    def accept(self) -> Tuple[socket.socket, Any]:
        while True:
            connection, address = super().accept()
            if user_at_other_end(connection) in (0, os.getuid()):
                return connection, address
            connection.close()


def guard(sockets: Any) -> None:
    """`sockets`: debugpy's module of that name, which listens for editors and for the processes of debugpy itself."""
    create = sockets.create_server

    def create_guarded(*words: Any, **options: Any) -> socket.socket:
        plain = create(*words, **options)
        timeout = plain.gettimeout()
        guarded = OwnUsersSocket(fileno=plain.detach())
        guarded.settimeout(timeout)
        return guarded

    sockets.create_server = create_guarded


def user_at_other_end(connection: socket.socket) -> Optional[int]:
    """Of a connection within this machine; None where that cannot be told."""
    try:
        here, there = _hex(connection.getsockname()), _hex(connection.getpeername())
        with open("/proc/net/tcp", encoding="ascii") as table:
            for line in table:
                fields = line.split()
                if fields[1:3] == [there, here]:
                    return int(fields[7])
    except (OSError, ValueError):
        pass
    return None


def _hex(address: Any) -> str:
    return f"{struct.unpack('=I', socket.inet_aton(address[0]))[0]:08X}:{address[1]:04X}"
