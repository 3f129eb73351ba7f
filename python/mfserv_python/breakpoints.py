"""What `breakpoint()` does in a worker. Nobody sits at its input: Python's own debugger would end the request with an error."""

from __future__ import annotations

import os
import sys
from typing import Any, Callable, Optional, Set

from .log import log

_told: Set[str] = set()
# Stops in a frame where somebody has attached a debugger; answers False where nobody has.
_stop: Optional[Callable[[Any], bool]] = None
_help = ""


def install(debug: bool, attachable: bool = True) -> None:
    """A hook that the developer has chosen, by PYTHONBREAKPOINT or in the code, stays."""
    global _stop, _help
    if "PYTHONBREAKPOINT" in os.environ or sys.breakpointhook is not sys.__breakpointhook__:
        return
    sys.breakpointhook = _hook
    if not debug:
        _help = "write debug=1 into the section of the app in config.ini, and debugpy into requirements-dev.txt of the plugin"
        return
    if not attachable:
        _help = "write python3_sync or aiohttp for the type of the app: a debugger cannot attach to gunicorn"
        return
    from mfserv_debug.attach import offer

    _stop, _help = offer()


def _hook(*_args: Any, **_options: Any) -> None:
    frame = sys._getframe(1)
    if _stop is not None and _stop(frame):
        return
    place = f"{frame.f_code.co_filename}:{frame.f_lineno}"
    if place not in _told and len(_told) < 100:
        _told.add(place)
        log("WARNING", f"breakpoint() in {place} was passed: nobody has attached a debugger. To stop there, {_help}")
