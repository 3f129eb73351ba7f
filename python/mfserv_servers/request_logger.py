"""`request['mflog_logger']`: a logger that writes the id of its request into each line."""

from __future__ import annotations

import logging
from typing import Any

from .logs import request_id


class RequestLogger:
    """mflog's logger where mflog is installed, that of `logging` otherwise; made when it is first used."""

    __slots__ = ("_logger",)

    def __init__(self) -> None:
        self._logger: Any = None

    def __getattr__(self, name: str) -> Any:
        if self._logger is None:
            self._logger = _bound_logger()
        return getattr(self._logger, name)


def _bound_logger() -> Any:
    try:
        from mflog import get_logger
    except ImportError:
        return logging.getLogger("mfserv.app")
    return get_logger("mfserv.app").bind(request_id=request_id.get())
