"""Finds the WSGI application that `module:callable` names, and says clearly why when it cannot."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any, Callable

from .log import application_traceback

Application = Callable[[dict, Callable], Any]


class LoadError(Exception):
    """The application cannot be imported. The text tells a person what to change."""


def keep_bytecode_as_wanted() -> None:
    """From here on files are imported that may be edited: bytecode is judged by the second and the size of its file."""
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))


def load(entry: str) -> Application:
    """The callable that `entry`, `module:callable`, names. Raises LoadError, whatever the module does."""
    module_name, colon, name = entry.partition(":")
    if not (module_name and colon and name):
        raise LoadError(f'"{entry}" does not name an application: write module:callable, for example main.wsgi:app.')
    module = _import(module_name)
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            raise LoadError(f'{_file(module)} has no "{name}". {_callables_of(module)}')
        found = getattr(found, part)
    if not callable(found):
        raise LoadError(f'"{name}" in {_file(module)} is {type(found).__name__}, not a WSGI application (a callable).')
    return found


def _import(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            raise LoadError(_not_found(name)) from None
        raise LoadError(
            f'"{name}" needs the module "{error.name}", which is not installed. '
            "Add its package to python3_virtualenv_sources/requirements-to-freeze.txt and run make.\n"
            + application_traceback(_inside(error))
        ) from None
    except SyntaxError as error:
        text = (error.text or "").strip()
        raise LoadError(f"{error.filename}:{error.lineno}: {error.msg}" + (f"\n    {text}" if text else "")) from None
    except SystemExit as error:
        raise LoadError(f'the module "{name}" ended the process with sys.exit({error.code!r}) while it was imported') from None
    except Exception as error:
        raise LoadError(f'the module "{name}" failed while it was imported\n{application_traceback(_inside(error))}') from None


def _inside(error: Exception) -> Exception:
    """The same error without the frames of Python's import machinery."""
    frame = error.__traceback__
    skipped = (importlib.__file__, __file__)
    while frame is not None and (
        frame.tb_frame.f_code.co_filename in skipped or frame.tb_frame.f_code.co_filename.startswith("<frozen ")
    ):
        frame = frame.tb_next
    return error if frame is None else error.with_traceback(frame)


def _not_found(name: str) -> str:
    path = name.replace(".", os.sep)
    places = [directory or os.getcwd() for directory in sys.path if os.path.isdir(directory or os.getcwd())]
    return f'no module "{name}": looked for {path}.py and {path}{os.sep}__init__.py in\n' + "\n".join(
        f"    {place}" for place in places
    )


def _file(module: Any) -> str:
    return getattr(module, "__file__", None) or f'the module "{module.__name__}"'


def _callables_of(module: Any) -> str:
    names = sorted(name for name, value in vars(module).items() if callable(value) and not name.startswith("_"))
    return f"Its callables are: {', '.join(names)}." if names else "It has no callable at all."
