"""Whether a callable is what its server calls: most mistakes of this kind would otherwise be a 500 for every request."""

from __future__ import annotations

from types import CodeType, FunctionType
from typing import Any

from .application import LoadError


def expect_wsgi(application: Any) -> None:
    """Raises LoadError when the callable is surely no WSGI application."""
    if _is_plain(application, 2):
        return
    if _is_asynchronous(application) or (_takes(application, 2) is False and _takes(application, 3)):
        raise LoadError(f"it is {_described(application)}, as ASGI applications are: write type = python3_asgi, or name a WSGI application")
    if _takes(application, 2) is False:
        raise LoadError(f"it is {_described(application)}, but a WSGI application is called with (environ, start_response)")


def expect_asgi(application: Any) -> None:
    """Raises LoadError when the callable is surely no ASGI application."""
    if _takes(application, 3) is not False:
        return
    if _takes(application, 2) and not _is_asynchronous(application):
        raise LoadError(f"it is {_described(application)}, as WSGI applications are: write type = python3_sync, or name an ASGI application")
    raise LoadError(f"it is {_described(application)}, but an ASGI application is called with (scope, receive, send)")


# Flags of code: it has *arguments, **arguments, or is a coroutine or an asynchronous generator.
_MORE = 0x04 | 0x08 | 0x80 | 0x200


def _is_plain(application: Any, count: int) -> bool:
    """Whether it is a function, or an object called by one, with so many arguments and nothing else: what almost every
    application is. Told without the module inspect, whose import takes an eighth of the start of a worker."""
    kind = type(application)
    called, own = (application, 0) if kind is FunctionType else (getattr(kind, "__call__", None), 1)
    code = getattr(called, "__code__", None)
    if type(called) is not FunctionType or type(code) is not CodeType or hasattr(called, "__wrapped__"):
        return False
    return code.co_argcount == count + own and code.co_kwonlyargcount == 0 and not code.co_flags & _MORE


def _takes(application: Any, count: int) -> bool | None:
    """Whether it can be called with so many arguments; None when that cannot be told, as of many a callable written in C."""
    import inspect

    try:
        signature = inspect.signature(application)
    except (TypeError, ValueError):
        return None
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True


def _is_asynchronous(application: Any) -> bool:
    import inspect

    return not inspect.isclass(application) and (
        inspect.iscoroutinefunction(application) or inspect.iscoroutinefunction(getattr(application, "__call__", None))
    )


def _described(application: Any) -> str:
    import inspect

    what = "a class" if inspect.isclass(application) else "a callable"
    if _is_asynchronous(application):
        what = "an async callable"
    try:
        return f"{what} with the arguments {inspect.signature(application)}"
    except (TypeError, ValueError):
        return what
