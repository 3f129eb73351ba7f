"""What an aiohttp application gets on top: readiness, deadline, request id, who asked, and a log of what fails."""

from __future__ import annotations

import asyncio
import inspect
import weakref
from typing import Any

from aiohttp import WSCloseCode, web

from mfserv_python.application import LoadError
from mfserv_python.environ import scheme_of
from mfserv_python.printable import printable

from .deadline import Deadline, Watchdog
from .entry import load_entry
from .logs import log_exception, request_id
from .request_logger import RequestLogger
from .worker import READY_HEADER, READY_PATH, Worker

_DEADLINE = "mfserv_deadline"


async def load_app(worker: Worker) -> web.Application:
    """The application of the entry, or what its function returns, made ready to be served. Raises LoadError."""
    found = load_entry(worker.entry)
    if not isinstance(found, web.Application) and _is_called_without_arguments(found):
        found = found()
        if asyncio.iscoroutine(found):
            found = await found
    if not isinstance(found, web.Application):
        raise LoadError(f"it is {type(found).__name__}, not an aiohttp web.Application or a function that returns one")
    if worker.debug:
        from mfserv_debug.aiohttp_app import install

        install(found)
    prepare(found, worker.timeout)
    return found


def _is_called_without_arguments(found: Any) -> bool:
    try:
        inspect.signature(found).bind()
    except (TypeError, ValueError):
        return False
    return True


def prepare(app: web.Application, timeout: float) -> None:
    """Before the application is frozen."""
    watchdog = Watchdog(timeout)
    sockets: "weakref.WeakSet[web.WebSocketResponse]" = weakref.WeakSet()

    @web.middleware
    async def around(request: web.Request, handler: Any) -> web.StreamResponse:
        if request.path == READY_PATH and request.headers.get(READY_HEADER) == "1":
            return web.Response(status=204)
        request_id.set(request.headers.get("X-Request-Id", ""))
        request = _as_asked(request)
        deadline = request[_DEADLINE] = Deadline(timeout)
        request["mflog_logger"] = RequestLogger()
        watchdog.enter()
        try:
            return await handler(request)
        except web.HTTPException:
            raise
        except asyncio.CancelledError as error:
            if not deadline.expired:
                raise
            return _refuse(request, web.Response(status=504), f"took more than {timeout:g} s", error)
        except Exception as error:
            return _refuse(request, web.Response(status=500, text="HTTP/500 Internal Server Error"), "failed", error)
        finally:
            deadline.end()
            watchdog.leave()
            request_id.set("")

    async def begins(request: web.Request, response: web.StreamResponse) -> None:
        deadline = request.get(_DEADLINE)
        if deadline is not None:
            deadline.lift()
        if isinstance(response, web.WebSocketResponse):
            sockets.add(response)
        elif "Upgrade" in request.headers:
            # The parser loses what comes behind a request that offers another protocol, so nothing may.
            response.force_close()
            response.headers["Connection"] = "close"

    async def close_websockets(_app: web.Application) -> None:
        await asyncio.gather(*(socket.close(code=WSCloseCode.GOING_AWAY) for socket in set(sockets)))

    app.middlewares.insert(0, around)
    app.on_response_prepare.append(begins)
    app.on_shutdown.append(close_websockets)


def _as_asked(request: web.Request) -> web.Request:
    """Only nginx connects to a worker, and it always sends both."""
    address = request.headers.get("X-Real-IP")
    scheme = request.headers.get("X-Forwarded-Proto")
    if address is None or scheme is None:
        return request
    return request.clone(remote=address, scheme=scheme_of(scheme))


def _refuse(request: web.Request, answer: web.Response, what: str, error: BaseException) -> web.Response:
    """Logs, and answers in place of the application; where part of its answer has left, the connection just ends."""
    begun = request[_DEADLINE].lifted
    outcome = "its connection was closed inside the answer" if begun else f"answered {answer.status}"
    log_exception(f"{request.method} {printable(request.path_qs)} {what}: {outcome}", error)
    if begun and request.transport is not None:
        request.transport.close()
    return answer
