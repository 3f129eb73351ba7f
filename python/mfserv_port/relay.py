"""Passes bytes between connections to a unix socket and connections to a TCP port, both ways, until both sides have ended."""

import errno
import os
import select
import socket
from typing import Callable, Dict, Optional

# As many as the servers of the other types keep waiting.
BACKLOG = 4096
CHUNK_BYTES = 1 << 18
# The program takes no connection, or no descriptor is left: those who come wait in the backlog until then.
AGAIN_SECONDS = 0.05
READ = select.EPOLLIN | select.EPOLLRDHUP
GONE = select.EPOLLHUP | select.EPOLLERR
# Of accept and socket: no descriptors or memory are left.
SHORT = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Side:
    """One end of a joined pair. `unsent`: what the other end gave and this one has not taken yet."""

    __slots__ = ("sock", "other", "is_client", "unsent", "has_ended", "is_shut", "is_watched")

    def __init__(self, sock: socket.socket, is_client: bool) -> None:
        self.sock = sock
        self.other: "Side" = self
        self.is_client = is_client
        self.unsent = b""
        self.has_ended = False
        self.is_shut = False
        self.is_watched = True


class Relay:
    """`connect` gives a connection to the program that is under way, or None where there is nobody who may be given one."""

    def __init__(self, path: str, connect: Callable[[], Optional[socket.socket]]) -> None:
        self._connect = connect
        self._sides: Dict[int, Side] = {}
        self._buffer = memoryview(bytearray(CHUNK_BYTES))
        self._poll = select.epoll()
        self._next: Optional[socket.socket] = None
        self._rests = False
        self._listener = listen(path)
        self._poll.register(self._listener.fileno(), select.EPOLLIN)

    def watch(self, descriptor: int) -> None:
        """`turn` tells when it can be read."""
        self._poll.register(descriptor, select.EPOLLIN)

    def turn(self, seconds: float, watched: int) -> bool:
        """Does what there is to do, waits at most so long for it. Whether `watched` can be read."""
        seen = False
        for descriptor, events in self._poll.poll(min(seconds, AGAIN_SECONDS) if self._rests else seconds):
            side = self._sides.get(descriptor)
            if side is not None:
                self._serve(side, events)
            elif descriptor == watched:
                seen = True
            elif self._next is not None and descriptor == self._next.fileno():
                self._join(self._next)
            elif self._listener.fileno() == descriptor:
                self._welcome()
        if self._rests and self._next is None:
            self._rest(False)
        return seen

    def close_door(self) -> None:
        """Takes nobody in any more."""
        self._listener.close()

    def is_empty(self) -> bool:
        return not self._sides

    def _welcome(self) -> None:
        """The program takes the connection first: until then the other one waits where nginx and mfserv can see it wait."""
        try:
            program = self._connect()
        except OSError as error:
            if error.errno not in SHORT:
                raise
            program = None
        if program is None:
            self._rest(True)
        elif is_connected(program):
            self._join(program)
        else:
            self._next = program
            self._rest(True)
            self._poll.register(program.fileno(), select.EPOLLOUT)

    def _rest(self, rests: bool) -> None:
        if rests != self._rests and self._listener.fileno() >= 0:
            self._rests = rests
            self._poll.modify(self._listener.fileno(), 0 if rests else select.EPOLLIN)

    def _join(self, program: socket.socket) -> None:
        if program is self._next:
            self._poll.unregister(program.fileno())
            self._next = None
            if program.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0:
                program.close()
                return
        try:
            client = self._listener.accept()[0]
        except OSError as error:
            # Whoever waited has left; or no descriptor is left.
            program.close()
            if error.errno in SHORT:
                self._rest(True)
            return
        client.setblocking(False)
        one, other = Side(client, True), Side(program, False)
        one.other, other.other = other, one
        for side in (one, other):
            self._sides[side.sock.fileno()] = side
            self._poll.register(side.sock.fileno(), READ)

    def _serve(self, side: Side, events: int) -> None:
        try:
            if events & select.EPOLLOUT:
                self._send_rest(side)
            if events & (READ | GONE) and not side.other.unsent and not side.has_ended:
                self._pass_on(side)
        except OSError:
            self._end(side)
            return
        waits = bool(side.unsent or side.other.unsent)
        if events & GONE:
            self._gone(side)
        elif side.has_ended and side.other.has_ended and not waits:
            self._end(side)

    def _gone(self, side: Side) -> None:
        """Nothing can be sent to it any more. What a program answered before is still passed on; a client that left wants nothing."""
        if side.is_client or (side.has_ended and not side.other.unsent):
            self._end(side)
        elif side.other.unsent:
            # This event cannot be left out, and would come again and again meanwhile.
            side.is_watched = False
            self._poll.unregister(side.sock.fileno())

    def _pass_on(self, side: Side) -> None:
        other = side.other
        try:
            length = side.sock.recv_into(self._buffer)
        except BlockingIOError:
            return
        if length == 0:
            side.has_ended = True
            self._shut(other)
            self._watch(side)
            return
        try:
            sent = other.sock.send(self._buffer[:length])
        except BlockingIOError:
            sent = 0
        if sent < length:
            other.unsent = bytes(self._buffer[sent:length])
            self._watch(side)
            self._watch(other)

    def _send_rest(self, side: Side) -> None:
        if side.unsent:
            try:
                side.unsent = side.unsent[side.sock.send(side.unsent) :]
            except BlockingIOError:
                return
        if not side.unsent:
            if side.other.has_ended:
                self._shut(side)
            self._watch(side)
            self._watch(side.other)

    def _shut(self, side: Side) -> None:
        """Says that nothing more comes, once all that came is sent."""
        if not side.unsent and not side.is_shut:
            side.is_shut = True
            side.sock.shutdown(socket.SHUT_WR)

    def _watch(self, side: Side) -> None:
        reads = 0 if side.has_ended or side.other.unsent else READ
        events = reads | (select.EPOLLOUT if side.unsent else 0)
        if side.is_watched:
            self._poll.modify(side.sock.fileno(), events)
        else:
            side.is_watched = True
            self._poll.register(side.sock.fileno(), events)

    def _end(self, side: Side) -> None:
        for one in (side, side.other):
            self._sides.pop(one.sock.fileno(), None)
            one.sock.close()


def is_connected(sock: socket.socket) -> bool:
    try:
        sock.getpeername()
    except OSError:
        return False
    return True


def listen(path: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    listener.bind(path)
    listener.listen(BACKLOG)
    return listener
