"""How long a request may take.

Soft, T seconds: SIGALRM raises RequestTimeout inside the application, wherever it is, `time.sleep` and blocking reads
included; the client gets a 504 and the worker goes on.

Hard, T + 1 to T + 2 seconds: the application did not let itself be interrupted, so the process ends and the supervisor
replaces it. A thread looks once a second while requests are coming. When a call holds the interpreter itself, so that not
even this thread runs, faulthandler's timer, which needs no interpreter, writes the stack and ends the process.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import socket
import sys
import threading
import traceback
from time import monotonic, sleep
from typing import Any, Optional

from .connection import Request
from .log import log
from .response import Response, refusal

HARD_EXTRA_SECONDS = 1.0
_LOOK_SECONDS = 1.0
_STDERR = 2


class RequestTimeout(BaseException):
    """The soft timeout. Not an Exception, so that an application's `except Exception` does not swallow it."""


class Timeouts:
    """One for a process; `begin` and `end` stand around each request, in the main thread."""

    def __init__(self, seconds: float) -> None:
        """`seconds`: the soft timeout; 0 means none."""
        self.seconds = seconds
        self._request: Optional[Request] = None
        self._response: Optional[Response] = None
        self._socket: Optional[socket.socket] = None
        self._began = 0.0
        self._asleep = False
        self._wake = threading.Event()
        self._lock = threading.Lock()  # Around _request and _asleep together.
        self._main = threading.main_thread().ident
        if seconds > 0:
            signal.signal(signal.SIGALRM, self._soft)
            threading.Thread(target=self._watch, name="mfserv-timeouts", daemon=True).start()

    def begin(self, request: Request, response: Response, accepted: socket.socket) -> None:
        """The request starts now."""
        if self.seconds <= 0:
            return
        self._began = monotonic()
        self._response = response
        self._socket = accepted
        with self._lock:
            self._request = request
            if self._asleep:
                # Here and not in the thread: the application may hold the interpreter from its first line on.
                self._arm()
                self._asleep = False
                self._wake.set()
        signal.setitimer(signal.ITIMER_REAL, self.seconds)

    def end(self) -> None:
        """The request is over. RequestTimeout may come up to the first line of this, and never after."""
        self._request = None
        if self.seconds > 0:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _soft(self, _signal: int, _frame: Any) -> None:
        if self._request is not None:
            raise RequestTimeout()

    def _watch(self) -> None:
        hard = self.seconds + HARD_EXTRA_SECONDS
        while True:
            self._arm()
            began = self._began
            sleep(_LOOK_SECONDS)
            request = self._request
            if request is not None and monotonic() - self._began > hard:
                self._end_process(request)
            if self._falls_asleep(began):
                self._wake.wait()
                self._wake.clear()

    def _arm(self) -> None:
        """Without another call of this, or the cancellation, the process ends."""
        faulthandler.dump_traceback_later(self.seconds + HARD_EXTRA_SECONDS + _LOOK_SECONDS, file=_STDERR, exit=True)

    def _falls_asleep(self, began: float) -> bool:
        """An idle worker costs nothing. `began`: the start of the last request at the last look."""
        with self._lock:
            if self._request is not None or self._began != began:
                return False
            faulthandler.cancel_dump_traceback_later()
            self._asleep = True
            return True

    def _end_process(self, request: Request) -> None:
        try:
            self._answer()
            stack = "".join(traceback.format_stack(sys._current_frames().get(self._main or 0)))
            log(
                "CRITICAL",
                f"{request.name()} took more than {self.seconds:g} s and could not be interrupted (hard timeout): "
                f"this worker ends itself and is to be replaced\n{stack.rstrip()}",
            )
            _kill_children()
        finally:
            os._exit(1)

    def _answer(self) -> None:
        if self._response is None or self._socket is None or self._response.started:
            return
        try:
            self._socket.send(refusal("504 Gateway Timeout"), socket.MSG_DONTWAIT)
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            return  # The client has gone.


def _kill_children() -> None:
    """What the request had started would outlive the worker."""
    for task in os.listdir("/proc/self/task"):
        try:
            with open(f"/proc/self/task/{task}/children", encoding="ascii") as children:
                for pid in children.read().split():
                    os.kill(int(pid), signal.SIGKILL)
        except OSError as error:
            log("WARNING", f"the processes started by the request may still run: {error}")
