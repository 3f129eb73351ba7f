"""What plugin code logs, with `logging` or with mflog, carries the id of its request."""

from __future__ import annotations

import importlib.util
import logging
import os
import sys
from typing import Any, Dict, Optional

from .log import write
from .request_id import current_request_id


def install(debug: bool) -> None:
    """Changes nothing about where an application sends its own records. Before the application is imported."""
    make = logging.getLogRecordFactory()

    def with_request_id(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        record.request_id = current_request_id()
        return record

    logging.setLogRecordFactory(with_request_id)
    # Only for an application that configures no logging.
    logging.lastResort = _LastResort(logging.DEBUG if debug else logging.WARNING)
    if debug:
        logging.getLogger().setLevel(logging.DEBUG)
    sys.meta_path.insert(0, _WhenMflogIsImported())  # type: ignore[arg-type]


class _LastResort(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        try:
            write(record.levelname, record.name, self.format(record))
        except Exception:
            self.handleError(record)


class _WhenMflogIsImported:
    """
    mflog has a variable that names a function for its context. But a Python that the application starts would inherit it,
    and mflog ends a process that has no such function. So mflog is told here, once, when somebody imports it: most
    applications never do, and it takes longer to import than many of them.
    """

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Optional[Any]:
        if name != "mflog":
            return None
        sys.meta_path.remove(self)  # type: ignore[arg-type]
        spec = importlib.util.find_spec(name)
        loader: Any = None if spec is None else spec.loader
        if loader is not None:
            execute = loader.exec_module

            def execute_and_adapt(module: Any) -> None:
                execute(module)
                # The one of python/plugin-path has replaced itself by then.
                _adapt(sys.modules[name])

            loader.exec_module = execute_and_adapt
        return spec


def _adapt(mflog: Any) -> None:
    """The two steps of a record that mflog looks up in itself when it is configured."""
    add_context = mflog.add_extra_context
    add_level = mflog.add_level

    def with_request(logger: Any, method: str, event: Dict[str, Any]) -> Dict[str, Any]:
        event = add_context(logger, method, event)
        request_id = current_request_id()
        if request_id:
            event.setdefault("request_id", request_id)
        # Hidden in text by MFLOG_JSON_ONLY_KEYS.
        event.setdefault("plugin", os.environ.get("MFSERV_CURRENT_PLUGIN_NAME", "#core#"))
        return event

    def with_documented_level(logger: Any, method: str, event: Dict[str, Any]) -> Dict[str, Any]:
        # With a structlog of today, `exception` would be a level of its own.
        return add_level(logger, "error" if method == "exception" else method, event)

    mflog.add_extra_context = with_request
    mflog.add_level = with_documented_level
