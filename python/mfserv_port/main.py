"""One worker: a program that listens on a TCP port, and in front of it the socket of the worker."""

import errno
import os
import resource
import signal
import sys
import time
from typing import List, Optional, Sequence

from .entrance import Entrance
from .listener import Listener, Listeners, is_of_session
from .ports import reserve
from .relay import Relay

LOOK_SECONDS = 0.01
# What the program has answered before it ended is passed on.
REST_SECONDS = 2.0
A_LONG_TIME_SECONDS = 3600
NOT_FOUND = 127


class Program:
    """A child of this process."""

    def __init__(self, process: int) -> None:
        self._process = process
        self._status: Optional[int] = None

    def status(self) -> Optional[int]:
        """What `waitpid` says of it; None while it runs."""
        if self._status is None:
            ended, status = os.waitpid(self._process, os.WNOHANG)
            self._status = status if ended else None
        return self._status

    def kill(self) -> None:
        if self.status() is None:
            os.kill(self._process, signal.SIGKILL)


def main(arguments: Sequence[str]) -> int:
    path, marks, *command = arguments
    if marks != "--" or not command:
        print("usage: mfserv_on_port.py SOCKET -- COMMAND...", file=sys.stderr)
        return NOT_FOUND
    place = reserve()
    woken = wake_at_end_of_child()
    try:
        program = start(command, place.port)
    except OSError as error:
        # The words by which mfserv knows that there is no such program.
        print(f"spawn {error.filename} {errno.errorcode.get(error.errno or 0, error.strerror)}", file=sys.stderr)
        return NOT_FOUND
    listeners = Listeners()
    listener = until_it_listens(program, listeners, place.port)
    if listener is None:
        return ended_as(program)
    if not is_of_session(listener, os.getsid(0)):
        say(f"another program of the user {listener.user} listens on port {place.port}, which this worker was given")
        program.kill()
        return 1
    if listener.is_open:
        say(f"port {place.port} is open on every address, so others reach this program without nginx; 127.0.0.1 is enough")
    many_files()
    serve(program, Relay(path, Entrance(listeners, listener, place.port).connect), woken)
    return ended_as(program)


def wake_at_end_of_child() -> int:
    """
    SIGTERM is for the program: what it still answers is passed on, and its end is the end of this process. So it has a handler
    that does nothing; the program would inherit SIG_IGN.
    """
    read, write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    for name in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(name, lambda _number, _frame: None)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    return read


def start(command: Sequence[str], port: int) -> Program:
    """In the session and the process group of this process: whoever ends the worker ends both."""
    words: List[str] = [word.replace("{port}", str(port)) for word in command]
    return Program(os.posix_spawnp(words[0], words, {**os.environ, "PORT": str(port)}))


def until_it_listens(program: Program, listeners: Listeners, port: int) -> Optional[Listener]:
    """None when it has ended instead."""
    while program.status() is None:
        listener = listeners.on(port)
        if listener is not None:
            return listener
        time.sleep(LOOK_SECONDS)
    return None


def serve(program: Program, relay: Relay, woken: int) -> None:
    """Until the program has ended, and what it answered is passed on."""
    relay.watch(woken)
    while program.status() is None:
        if relay.turn(A_LONG_TIME_SECONDS, woken):
            drain(woken)
    relay.close_door()
    until = time.monotonic() + REST_SECONDS
    while not relay.is_empty() and time.monotonic() < until:
        relay.turn(0.1, woken)


def drain(descriptor: int) -> None:
    try:
        os.read(descriptor, 512)
    except BlockingIOError:
        pass


def many_files() -> None:
    """Each connection takes two. The limits of the app are for the program, which has started already."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def ended_as(program: Program) -> int:
    """By the same signal, so that mfserv sees what it would see of the program."""
    status = program.status() or 0
    if os.WIFEXITED(status):
        return os.WEXITSTATUS(status)
    name = os.WTERMSIG(status)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if name != signal.SIGKILL:
        signal.signal(name, signal.SIG_DFL)
    os.kill(os.getpid(), name)
    return 128 + name


def say(text: str) -> None:
    print(f"mfserv: {text}", file=sys.stderr, flush=True)
