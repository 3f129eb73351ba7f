"""The middlewares that aiohttp plugins of the original system import. `type = aiohttp` gives an `app` the same without them."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from mfserv_servers.deadline import Deadline
from mfserv_servers.logs import request_id
from mfserv_servers.request_logger import RequestLogger


@web.middleware
async def mflog_middleware(request: web.Request, handler: Any) -> web.StreamResponse:
    """Gives the request its logger, `request['mflog_logger']`."""
    if "mflog_logger" not in request:
        request_id.set(request.headers.get("X-Request-Id", ""))
        request["mflog_logger"] = RequestLogger()
    return await handler(request)


def timeout_middleware_factory(timeout: float) -> Any:
    """`timeout`: seconds; 0 is no limit. A request that takes longer is cancelled and answered 504."""

    @web.middleware
    async def timeout_middleware(request: web.Request, handler: Any) -> web.StreamResponse:
        deadline = Deadline(timeout)
        try:
            return await handler(request)
        except asyncio.CancelledError:
            if not deadline.expired:
                raise
            return web.Response(status=504)
        finally:
            deadline.end()

    return timeout_middleware
