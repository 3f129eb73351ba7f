"""The debugger around an ASGI application."""

from __future__ import annotations

from typing import Any, Awaitable, Callable, Dict, List, Optional, Tuple

from mfserv_python.log import log_exception
from mfserv_servers.asgi_app import name_of

from .pages import Asked, Page, Pages, may_debug, open_pages
from .plain import plain_text

Message = Dict[str, Any]
Application = Callable[..., Awaitable[None]]


def debugged(application: Application) -> Application:
    """The application with the debugger for clients that may have it, and with plain errors for all others."""
    pages = open_pages()

    async def answer(scope: Dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        asked = _asked(scope)
        if pages is None or not may_debug(asked):
            await application(scope, receive, _guarded(send))
            return
        page = pages.answer(asked)
        if page is None:
            page = await _page_of_failure(application, (scope, receive, send), pages, asked)
        if page is not None:
            await _show(send, page)

    return answer


async def _page_of_failure(application: Application, call: Tuple[Any, Any, Any], pages: Pages, asked: Asked) -> Optional[Page]:
    """Lets the application answer; a page if it fails in place of that."""
    scope, receive, send = call
    held: List[Message] = []
    begun = False

    async def noticing(message: Message) -> None:
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
        if begun:
            raise
        log_exception(f"{name_of(scope)} failed", error, "mfserv.asgi")
        return pages.about(error, asked)
    for message in held:
        await send(message)
    return None


def _guarded(send: Any) -> Any:
    """For a client that may not debug: a page that tells about the inside of the application is replaced by a plain one."""
    replaced = False

    async def sending(message: Message) -> None:
        nonlocal replaced
        if message["type"] == "http.response.start":
            kind = next((value for name, value in message.get("headers", []) if name.lower() == b"content-type"), b"")
            text = plain_text(message["status"], kind.decode("latin-1"))
            if text is not None:
                replaced = True
                await _show(send, Page(message["status"], [("Content-Type", "text/plain")], text))
        if not replaced:
            await send(message)

    return sending


def _asked(scope: Dict[str, Any]) -> Asked:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return Asked(scope["path"], scope["query_string"].decode("latin-1"), scope["scheme"], headers)


async def _show(send: Any, page: Page) -> None:
    written = {name.lower(): value for name, value in [*page.headers, ("Content-Length", str(len(page.body)))]}
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in written.items()]
    await send({"type": "http.response.start", "status": page.status, "headers": headers})
    await send({"type": "http.response.body", "body": page.body})
