"""The debugger in an aiohttp application."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from mfserv_python.log import log_exception
from mfserv_python.printable import printable

from .pages import Asked, Page, open_pages

_BEGUN = "mfserv_debug_begun"


def install(app: web.Application) -> None:
    """Before the application is frozen. The middlewares inserted before this one later are around it."""
    pages = open_pages()
    if pages is None:
        return

    @web.middleware
    async def debugging(request: web.Request, handler: Any) -> web.StreamResponse:
        asked = Asked(request.path, request.rel_url.raw_query_string, request.scheme, request.headers)
        page = pages.answer(asked)
        if page is not None:
            return _response(page)
        try:
            return await handler(request)
        except web.HTTPException:
            raise
        except Exception as error:
            page = None if _BEGUN in request else pages.about(error, asked)
            if page is None:
                raise
            log_exception(f"{request.method} {printable(request.path_qs)} failed", error, "mfserv.aiohttp")
            return _response(page)

    async def notice(request: web.Request, _response: web.StreamResponse) -> None:
        request[_BEGUN] = True

    app.middlewares.insert(0, debugging)
    app.on_response_prepare.append(notice)


def _response(page: Page) -> web.Response:
    return web.Response(status=page.status, headers=page.headers, body=page.body)
