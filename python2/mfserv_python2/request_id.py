"""MFSERV_CURRENT_REQUEST_ID: the id of the request that is being handled, for the application and what it starts."""

import ctypes
import os

from .printable import printable

_NAME = "MFSERV_CURRENT_REQUEST_ID"
_MOST_BYTES = 200


class RequestIdVariable(object):
    """An environment variable that changes with every request.

    `os.environ[...] = value` would call putenv with a new piece of memory each time. So the variable is one buffer that stays
    in the environment of the process and is written in place.
    """

    def __init__(self):
        self._buffer = ctypes.create_string_buffer(_NAME + "=", len(_NAME) + 1 + _MOST_BYTES + 1)
        ctypes.CDLL(None).putenv(self._buffer)
        # What os.environ shows is a copy of the environment, made when Python started.
        self._shown = os.environ.data

    def set(self, request_id):
        """Made printable, as it goes into logs, and cut at 200 bytes; empty if the request has none."""
        value = printable(request_id)[:_MOST_BYTES]
        self._buffer.value = "%s=%s" % (_NAME, value)
        self._shown[_NAME] = value
