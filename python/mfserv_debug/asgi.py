"""The debugger around an ASGI application."""

from __future__ import annotations

from typing import Any, Awaitable, Callable, Dict, List

from mfserv_python.log import log_exception

from .pages import Asked, Page, open_pages

Application = Callable[..., Awaitable[None]]


def debugged(application: Application) -> Application:
    """The application with the debugger for clients that may have it."""
    pages = open_pages()
    if pages is None:
        return application

    async def answer(scope: Dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        asked = _asked(scope)
        page = pages.answer(asked)
        if page is not None:
            await _show(send, page)
            return
        held: List[Dict[str, Any]] = []
        begun = False

        async def noticing(message: Dict[str, Any]) -> None:
            nonlocal begun
            # Frameworks answer 500 themselves and raise afterwards: the debugger's page may come in place of that.
            if held or (not begun and message.get("status") == 500):
                held.append(message)
                return
            begun = True
            await send(message)

        try:
            await application(scope, receive, noticing)
        except Exception as error:
            page = None if begun else pages.about(error, asked)
            if page is None:
                raise
            log_exception(f"{scope['method']} {scope['path']} failed", error, "mfserv.asgi")
            await _show(send, page)
            return
        for message in held:
            await send(message)

    return answer


def _asked(scope: Dict[str, Any]) -> Asked:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return Asked(scope["path"], scope["query_string"].decode("latin-1"), scope["scheme"], headers)


async def _show(send: Any, page: Page) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in page.headers]
    await send({"type": "http.response.start", "status": page.status, "headers": headers})
    await send({"type": "http.response.body", "body": page.body})
