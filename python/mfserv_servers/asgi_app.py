"""What an ASGI application gets on top: readiness, deadline, request id, who asked, and a log of what fails."""

from __future__ import annotations

import asyncio
from typing import Any, Awaitable, Callable, Dict, Set
from urllib.parse import quote

from mfserv_python.environ import scheme_of
from mfserv_python.printable import printable

from .deadline import Deadline, Watchdog
from .logs import log_exception, request_id
from .worker import READY_HEADER, READY_PATH

Send = Callable[[Dict[str, Any]], Awaitable[None]]
Application = Callable[..., Awaitable[None]]

_INTERNAL_ERROR = 1011
_TRY_AGAIN_LATER = 1013
_READY_HEADER = (READY_HEADER.lower().encode("ascii"), b"1")


def around(application: Application, timeout: float, mount: str = "") -> Application:
    """`timeout`: seconds until an answer must have begun; 0 is no limit. `mount`: prefixes, joined by colons."""
    prefixes = {prefix.encode("ascii") for prefix in mount.split(":") if prefix}
    watchdog = Watchdog(timeout)

    async def answer(scope: Dict[str, Any], receive: Any, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await application(scope, receive, send)
            return
        if scope["path"] == READY_PATH and _READY_HEADER in scope["headers"]:
            await _whole(send, 204, b"")
            return
        _as_asked(scope, prefixes)
        deadline = Deadline(timeout)

        async def noticing(message: Dict[str, Any]) -> None:
            if not deadline.lifted:
                deadline.lift()
            await send(message)

        watchdog.enter()
        try:
            await application(scope, receive, noticing)
        except asyncio.CancelledError as error:
            if not deadline.expired:
                raise
            log_exception(f"{name_of(scope)} took more than {timeout:g} s", error)
            await _refuse(scope, send, 504, b"")
        except Exception as error:
            log_exception(f"{name_of(scope)} failed", error)
            # Where the answer has begun, the server ends it when this returns.
            if not deadline.lifted:
                await _refuse(scope, send, 500, b"HTTP/500 Internal Server Error")
        finally:
            deadline.end()
            watchdog.leave()
            request_id.set("")

    return answer


def _as_asked(scope: Dict[str, Any], prefixes: Set[bytes]) -> None:
    """Only nginx connects to a worker. It always sends the second and the third, and the last alone for a mounted application."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            request_id.set(value.decode("latin-1"))
        elif name == b"x-real-ip":
            scope["client"] = (value.decode("latin-1"), 0)
        elif name == b"x-forwarded-proto" and scheme_of(value.decode("latin-1")) == "https":
            scope["scheme"] = "wss" if scope["type"] == "websocket" else "https"
        elif name == b"x-forwarded-prefix" and value in prefixes:
            _mount(scope, value)


def _mount(scope: Dict[str, Any], prefix: bytes) -> None:
    """nginx has cut the prefix off. In ASGI the path has it, and root_path tells how much of the path it is."""
    scope["root_path"] = prefix.decode("ascii")
    scope["path"] = scope["root_path"] + scope["path"]
    raw_path = scope.get("raw_path")
    if raw_path is not None:
        scope["raw_path"] = prefix + raw_path


async def _refuse(scope: Dict[str, Any], send: Send, status: int, body: bytes) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": _TRY_AGAIN_LATER if status == 504 else _INTERNAL_ERROR})
    else:
        await _whole(send, status, body)


async def _whole(send: Send, status: int, body: bytes) -> None:
    length = str(len(body)).encode("ascii")
    headers = [] if status == 204 else [(b"content-type", b"text/plain"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def name_of(scope: Dict[str, Any]) -> str:
    """For log lines. The path as it was asked for: in `path` an encoded line break is one."""
    path = scope.get("raw_path") or quote(scope["path"]).encode("ascii")
    query = b"?" + scope["query_string"] if scope["query_string"] else b""
    return f"{scope.get('method', 'WEBSOCKET')} {printable((path + query).decode('latin-1'))}"
