"""How long a request may take where many share one thread.

The deadline cancels the task of one request that has not begun its answer after T seconds. The watchdog ends the process
when the event loop itself does not come back: then nobody is answered, and only another worker helps. It does so 3 to 4
seconds after the T of the request, because nginx answers 504 after T + 2: a worker that ended before would make that a 502.
"""

from __future__ import annotations

import asyncio
import faulthandler
from typing import Any, Optional

_STDERR = 2
_LOOK_SECONDS = 1.0
# Counted from the last look, up to a second before the request began.
_EXTRA_SECONDS = 3.0 + _LOOK_SECONDS


class Deadline:
    """Of the request that the current task handles. `end` must be called when it is over."""

    __slots__ = ("expired", "lifted", "_task", "_timer")

    def __init__(self, seconds: float) -> None:
        """0 seconds: none."""
        self.expired = False
        self.lifted = False
        self._task: Optional[Any] = None
        self._timer: Optional[asyncio.TimerHandle] = None
        if seconds > 0:
            self._task = asyncio.current_task()
            self._timer = asyncio.get_running_loop().call_later(seconds, self._expire)

    def lift(self) -> None:
        """The answer begins: it can no longer become a 504."""
        self.lifted = True
        self._disarm()

    def end(self) -> None:
        self._disarm()
        # From Python 3.11 on a task counts its cancellations.
        if self.expired and hasattr(self._task, "uncancel"):
            self._task.uncancel()  # type: ignore[union-attr]

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        self.expired = True
        if self._task is not None:
            self._task.cancel()


class Watchdog:
    """`enter` and `leave` stand around each request. A worker without requests costs nothing."""

    def __init__(self, seconds: float) -> None:
        """`seconds`: of the deadline; 0 is none."""
        self._seconds = seconds
        self._requests = 0
        self._looks = False

    def enter(self) -> None:
        self._requests += 1
        if not self._looks and self._seconds > 0:
            self._looks = True
            self._look()

    def leave(self) -> None:
        self._requests -= 1

    def _look(self) -> None:
        if self._requests == 0:
            self._looks = False
            faulthandler.cancel_dump_traceback_later()
            return
        # Needs no interpreter, so it also ends a call that never gives it up. It writes the stack first.
        faulthandler.dump_traceback_later(self._seconds + _EXTRA_SECONDS, file=_STDERR, exit=True)
        asyncio.get_running_loop().call_later(_LOOK_SECONDS, self._look)
