"""Lines on stderr in the format of the module's other logs."""

from __future__ import annotations

import os
import sys
import traceback
from datetime import datetime, timezone


def log(level: str, message: str) -> None:
    """One record, written at once: `<UTC time>Z     [LEVEL] (mfserv.wsgi#<pid>) <message>`."""
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    tag = f"[{level}]"
    sys.stderr.write(f"{now} {tag:>10} (mfserv.wsgi#{os.getpid()}) {message}\n")
    sys.stderr.flush()


def log_exception(message: str, error: BaseException) -> None:
    """The message, then the traceback without the frames of mfserv itself above the application's."""
    log("ERROR", f"{message}\n{application_traceback(error)}")


def application_traceback(error: BaseException) -> str:
    """The traceback from the first frame outside of this package on; the whole of it if there is none."""
    here = os.path.dirname(__file__)
    frame = error.__traceback__
    while frame is not None and os.path.dirname(frame.tb_frame.f_code.co_filename) == here:
        frame = frame.tb_next
    shown = error.__traceback__ if frame is None else frame
    return "".join(traceback.format_exception(type(error), error, shown)).rstrip("\n")
