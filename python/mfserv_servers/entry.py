"""The two ways to name an application: `main.application:app`, and the file `main/application.py` with an `app` in it."""

from __future__ import annotations

import ast
import runpy
import sys
from typing import Any, Iterator, List, Optional

from mfserv_python.application import load

from .logs import log

_NAME = "app"


def module_of(entry: str) -> str:
    """`main.application` of either form."""
    return entry[: -len(".py")].replace("/", ".") if entry.endswith(".py") else entry.partition(":")[0]


def load_entry(entry: str) -> Any:
    """The application that either form names. Raises LoadError."""
    return load(f"{module_of(entry)}:{_NAME}" if entry.endswith(".py") else entry)


def run_script(entry: str) -> bool:
    """
    Runs the file as a script if it has no `app`, and returns True when that has served and ended. Such a file serves by
    itself, on the socket that is its first argument, as older plugins were written.
    """
    if not entry.endswith(".py") or _binds(entry, _NAME):
        return False
    log("INFO", f'{entry} has no "{_NAME}": it is run as a script, and serves by itself')
    runpy.run_path(entry, run_name="__main__")
    return True


def _binds(path: str, name: str) -> bool:
    """Whether the file gives `name` a value outside of functions. True when it cannot be told: the import then says why."""
    try:
        with open(path, "rb") as file:
            tree = ast.parse(file.read(), path)
    except (OSError, SyntaxError, ValueError):
        return True
    return any(bound in (name, "*") for bound in _bound(tree.body))


def _bound(statements: List[Any]) -> Iterator[Optional[str]]:
    for statement in statements:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield statement.name
        elif isinstance(statement, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name for alias in statement.names)
        elif isinstance(statement, ast.If) and _asks_for_main(statement.test):
            yield from _bound(statement.orelse)
        else:
            yield from _stored(statement)


def _stored(statement: Any) -> Iterator[Optional[str]]:
    """In its own targets, and in the blocks it has: if, with, try, for."""
    blocks = [block for field in ("body", "orelse", "finalbody") for block in getattr(statement, field, [])]
    handlers = [block for handler in getattr(statement, "handlers", []) for block in handler.body]
    if blocks:
        yield from _bound(blocks + handlers)
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _asks_for_main(test: Any) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "__name__" for node in ast.walk(test))
