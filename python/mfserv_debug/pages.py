"""The debugger for servers that are not WSGI: its page for an exception, and the answers to what that page asks."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, List, Mapping, Optional, Tuple
from urllib.parse import parse_qs

from mfserv_python.log import log, without_own_frames

from . import access


@dataclass(frozen=True)
class Asked:
    """A request. `query`: without the question mark. Names of headers may be in any case."""

    path: str
    query: str
    scheme: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Page:
    status: int
    headers: List[Tuple[str, str]]
    body: bytes


class Pages:
    """Everything runs in the calling thread: an expression of the console sees the event loop's own variables, and blocks it."""

    def __init__(self, debugger: Any) -> None:
        self._debugger = debugger

    def answer(self, asked: Asked) -> Optional[Page]:
        """To a request of the debugger's page; None for every other request, which is the application's."""
        return self._run(asked, _NotOurs()) if self.answers(asked) else None

    def answers(self, asked: Asked) -> bool:
        """Whether this is a request of the debugger's page, from a client that may debug."""
        mentioned = "__debugger__" in asked.query and parse_qs(asked.query).get("__debugger__") == ["yes"]
        return mentioned and may_debug(asked)

    def about(self, error: BaseException, asked: Asked) -> Optional[Page]:
        """The page for an exception that has been caught and logged; None when this client may not see it."""
        return self._run(asked, without_own_frames(error)) if may_debug(asked) else None

    def _run(self, asked: Asked, error: BaseException) -> Optional[Page]:
        answer: List[Any] = []

        def start(status: str, headers: Any, _exc_info: Any = None) -> Any:
            answer[:] = [int(status[:3]), list(headers)]

        body = b"".join(self._debugger(_environ(asked, error), start))
        return None if isinstance(error, _NotOurs) and answer[0] == 500 else Page(answer[0], answer[1], body)


class _NotOurs(Exception):
    """Werkzeug passed the request on to the application: the page it belongs to is that of an earlier worker."""


def open_pages() -> Optional[Pages]:
    """None, with a word in the log, where there is no Werkzeug."""
    try:
        from .debugger import Debugger, log_debugger
    except ImportError as error:
        log("WARNING", f"debug=1, but no debugger: {error}")
        return None
    log_debugger()
    return Pages(Debugger(_raise))


def _raise(environ: dict, _start_response: Any) -> Any:
    __traceback_hide__ = True  # Werkzeug leaves this frame out.
    raise environ["mfserv.error"]


def may_debug(asked: Asked) -> bool:
    """Whether the client of this request gets the debugger."""
    headers = {name.lower(): value for name, value in asked.headers.items()}
    return access.may_debug(headers.get(access.HEADER.lower(), ""), headers.get("host", ""))


def _environ(asked: Asked, error: BaseException) -> dict:
    host, _, port = asked.headers.get("Host", asked.headers.get("host", "localhost")).rpartition(":")
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": asked.path,
        "QUERY_STRING": asked.query,
        "SERVER_NAME": host or "localhost",
        "SERVER_PORT": port if port.isdigit() else "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": asked.scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "mfserv.error": error,
    }
    for name, value in asked.headers.items():
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    return environ
