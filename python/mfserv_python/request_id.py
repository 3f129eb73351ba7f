"""The id of the request that is being handled, for the lines of logs, for the application and for what it starts."""

from __future__ import annotations

import ctypes
import os
from contextvars import ContextVar

from .printable import printable

_NAME = b"MFSERV_CURRENT_REQUEST_ID"
_MOST_BYTES = 200

# Of the request that the running task handles; empty outside of requests.
request_id: ContextVar[str] = ContextVar("mfserv_request_id", default="")


def current_request_id() -> str:
    """Empty outside of requests. Only a worker with one request at a time sets the variable, which its threads see as well."""
    return printable(request_id.get()) or os.environ.get("MFSERV_CURRENT_REQUEST_ID", "")


class RequestIdVariable:
    """An environment variable that changes with every request.

    `os.environ[...] = value` would call setenv, and glibc never frees a value it was given: 100 bytes lost with each
    request. So the variable is one buffer that stays in the environment of the process and is written in place.
    """

    def __init__(self) -> None:
        self._buffer = ctypes.create_string_buffer(_NAME + b"=", len(_NAME) + 1 + _MOST_BYTES + 1)
        ctypes.CDLL(None).putenv(self._buffer)
        # What os.environ shows is a copy of the environment, made when Python started.
        self._shown = os.environ._data  # type: ignore[attr-defined]

    def set(self, request_id: str) -> None:
        """Made printable, as it goes into logs, and cut at 200 bytes; empty if the request has none."""
        value = printable(request_id).encode("ascii")[:_MOST_BYTES]
        self._buffer.value = _NAME + b"=" + value
        self._shown[_NAME] = value
