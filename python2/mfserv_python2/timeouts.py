"""How long a request may take.

Soft, T seconds: SIGALRM raises RequestTimeout inside the application, wherever it is, `time.sleep` and blocking reads
included; the client gets a 504 and the worker goes on.

Hard, T + 1 to T + 2 seconds: the application did not let itself be interrupted, so the process ends and the supervisor
replaces it. A thread looks once a second while requests are coming. When a call holds the interpreter itself, so that not
even this thread runs, a timer of the system, which needs no interpreter, kills the process.
"""

import ctypes
import os
import signal
import sys
import threading
import traceback
from socket import MSG_DONTWAIT, SHUT_WR
from socket import error as SocketError
from time import sleep

from .clock import monotonic
from .log import log
from .response import refusal

HARD_EXTRA_SECONDS = 1.0
_LOOK_SECONDS = 1.0


class RequestTimeout(BaseException):
    """The soft timeout. Not an Exception, so that an application's `except Exception` does not swallow it."""


class Timeouts(object):
    """One for a process; `begin` and `end` stand around each request, in the main thread."""

    def __init__(self, seconds):
        """`seconds`: the soft timeout; 0 means none."""
        self.seconds = seconds
        self._request = None
        self._response = None
        self._socket = None
        self._began = 0.0
        self._asleep = False
        self._wake = threading.Event()
        self._lock = threading.Lock()  # Around _request and _asleep together.
        self._main = threading.current_thread().ident
        if seconds > 0:
            self._killer = _Killer(seconds + HARD_EXTRA_SECONDS + _LOOK_SECONDS)
            signal.signal(signal.SIGALRM, self._soft)
            watcher = threading.Thread(target=self._watch, name="mfserv-timeouts")
            watcher.daemon = True
            watcher.start()

    def begin(self, request, response, accepted):
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
                self._killer.arm()
                self._asleep = False
                self._wake.set()
        signal.setitimer(signal.ITIMER_REAL, self.seconds)

    def end(self):
        """The request is over. RequestTimeout may come up to the first line of this, and never after."""
        self._request = None
        if self.seconds > 0:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _soft(self, _signal, _frame):
        if self._request is not None:
            raise RequestTimeout()

    def _watch(self):
        hard = self.seconds + HARD_EXTRA_SECONDS
        while True:
            self._killer.arm()
            began = self._began
            sleep(_LOOK_SECONDS)
            request = self._request
            if request is not None and monotonic() - self._began > hard:
                self._end_process(request)
            if self._falls_asleep(began):
                self._wake.wait()
                self._wake.clear()

    def _falls_asleep(self, began):
        """An idle worker costs nothing. `began`: the start of the last request at the last look."""
        with self._lock:
            if self._request is not None or self._began != began:
                return False
            self._killer.disarm()
            self._asleep = True
            return True

    def _end_process(self, request):
        try:
            self._answer()
            stack = "".join(traceback.format_stack(sys._current_frames().get(self._main)))
            log(
                "CRITICAL",
                "%s took more than %g s and could not be interrupted (hard timeout): "
                "this worker ends itself and is to be replaced\n%s" % (request.name(), self.seconds, stack.rstrip()),
            )
            _kill_children()
        finally:
            os._exit(1)

    def _answer(self):
        if self._response is None or self._socket is None or self._response.started:
            return
        try:
            self._socket.send(refusal("504 Gateway Timeout"), MSG_DONTWAIT)
            self._socket.shutdown(SHUT_WR)
        except SocketError:
            return  # The client has gone.


class _Killer(object):
    """A timer of the system (timer_create) that sends SIGKILL to this process when it is not armed again in time."""

    def __init__(self, seconds):
        self._library = _library_with_timers()
        self._timer = ctypes.c_void_p()
        self._armed = _Span(_Time(0, 0), _Time(int(seconds), int((seconds % 1) * 1e9)))
        event = _Event(None, signal.SIGKILL, _SIGEV_SIGNAL)
        if self._library.timer_create(_CLOCK_MONOTONIC, ctypes.byref(event), ctypes.byref(self._timer)) != 0:
            raise OSError("timer_create failed")

    def arm(self):
        self._library.timer_settime(self._timer, 0, ctypes.byref(self._armed), None)

    def disarm(self):
        self._library.timer_settime(self._timer, 0, ctypes.byref(_Span()), None)


_CLOCK_MONOTONIC = 1
_SIGEV_SIGNAL = 0


class _Time(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long)]


class _Span(ctypes.Structure):
    _fields_ = [("interval", _Time), ("value", _Time)]


class _Event(ctypes.Structure):
    _fields_ = [
        ("value", ctypes.c_void_p),
        ("signal", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("padding", ctypes.c_char * 48),
    ]


def _library_with_timers():
    """glibc has them in librt before 2.34."""
    library = ctypes.CDLL(None)
    return library if hasattr(library, "timer_create") else ctypes.CDLL("librt.so.1")


def _kill_children():
    """What the request had started would outlive the worker."""
    for task in os.listdir("/proc/self/task"):
        try:
            with open("/proc/self/task/%s/children" % task) as children:
                for pid in children.read().split():
                    os.kill(int(pid), signal.SIGKILL)
        except EnvironmentError as error:
            log("WARNING", "the processes started by the request may still run: %s" % error)
