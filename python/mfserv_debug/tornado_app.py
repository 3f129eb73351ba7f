"""The debugger in a Tornado application."""

from __future__ import annotations

from typing import Any

from tornado.web import Application, HTTPError, RequestHandler

from .pages import Asked, Page, open_pages


def install(app: Application) -> None:
    """Tornado's own tracebacks are off: it would show them to everybody."""
    app.settings["serve_traceback"] = False
    pages = open_pages()
    if pages is None:
        return
    find_handler = app.find_handler
    write_error = RequestHandler.write_error

    class OfThePage(RequestHandler):
        def get(self) -> None:
            page = pages.answer(_asked(self.request))
            if page is None:
                raise HTTPError(404)
            _show(self, page)

        def check_xsrf_cookie(self) -> None:
            """The debugger has a secret of its own in each request."""

    def finding(request: Any, **rest: Any) -> Any:
        if request.method == "GET" and pages.answers(_asked(request)):
            return app.get_handler_delegate(request, OfThePage)
        return find_handler(request, **rest)

    def showing(self: RequestHandler, status_code: int, **kwargs: Any) -> None:
        error = kwargs.get("exc_info", (None, None))[1]
        page = None if error is None or isinstance(error, HTTPError) else pages.about(error, _asked(self.request))
        if page is None:
            write_error(self, status_code, **kwargs)
        else:
            _show(self, page)

    app.find_handler = finding  # type: ignore[method-assign]
    RequestHandler.write_error = showing  # type: ignore[method-assign]


def _asked(request: Any) -> Asked:
    return Asked(request.path, request.query, request.protocol, dict(request.headers.get_all()))


def _show(handler: RequestHandler, page: Page) -> None:
    handler.set_status(page.status)
    for name, value in page.headers:
        handler.set_header(name, value)
    handler.finish(page.body)
