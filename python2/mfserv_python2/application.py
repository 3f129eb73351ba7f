"""Finds the WSGI application that `module:callable` names, and says clearly why when it cannot."""

import importlib
import os
import re
import sys

from .log import application_traceback, write_logging
from .mounted import mounted


class LoadError(Exception):
    """The application cannot be imported. The text tells a person what to change."""


def load_for(worker):
    """The application of a worker, and a place for what it logs; with debug=1 from DEBUG on, and the debugger around it."""
    # Python 2 compares whole seconds: of two edits in one second it would run the first from its .pyc.
    sys.dont_write_bytecode = True
    application = load(worker.entry)
    write_logging(worker.debug)
    if worker.debug:
        from .debugger import debugged

        application = debugged(application)
    return mounted(application, worker.mount)


def load(entry):
    """The callable that `entry`, `module:callable`, names. Raises LoadError, whatever the module does."""
    module_name, colon, name = entry.partition(":")
    if not (module_name and colon and name):
        raise LoadError('"%s" does not name an application: write module:callable, for example main.wsgi:app.' % entry)
    module = _import(module_name)
    found = module
    for part in name.split("."):
        if not hasattr(found, part):
            raise LoadError('%s has no "%s". %s' % (_file(module), name, _callables_of(module)))
        found = getattr(found, part)
    if not callable(found):
        raise LoadError('"%s" in %s is %s, not a WSGI application (a callable).' % (name, _file(module), type(found).__name__))
    return found


def _import(name):
    try:
        return importlib.import_module(name)
    except ImportError as error:
        if _raised_by_import(sys.exc_info()[2]):
            raise LoadError(_not_found(name))
        # Python 2 tells the name of the missing module only in the message.
        missing = re.match(r"No module named (\S+)$", str(error))
        why = '"%s" cannot be imported: %s' % (name, error) if missing is None else (
            '"%s" needs the module "%s", which is not installed for Python 2. '
            "Add its package to python2_virtualenv_sources/requirements-to-freeze.txt and run make." % (name, missing.group(1))
        )
        raise LoadError("%s\n%s" % (why, application_traceback(sys.exc_info())))
    except SyntaxError as error:
        text = (error.text or "").strip()
        place = "%s:%s: %s" % (error.filename, error.lineno, error.msg)
        raise LoadError("%s (this is Python 2.7)%s" % (place, "\n    %s" % text if text else ""))
    except SystemExit as error:
        raise LoadError('the module "%s" ended the process with sys.exit(%r) while it was imported' % (name, error.code))
    except Exception:
        raise LoadError('the module "%s" failed while it was imported\n%s' % (name, application_traceback(sys.exc_info())))


def _raised_by_import(frame):
    """Whether Python itself did not find the module; False when code of a module was running."""
    while frame.tb_next is not None:
        frame = frame.tb_next
    return frame.tb_frame.f_code is importlib.import_module.__code__


def _not_found(name):
    path = name.replace(".", os.sep)
    places = [directory or os.getcwd() for directory in sys.path if os.path.isdir(directory or os.getcwd())]
    looked = 'no module "%s": looked for %s.py and %s/__init__.py (each directory needs an __init__.py) in\n' % (name, path, path)
    return looked + "\n".join("    %s" % place for place in places)


def _file(module):
    path = getattr(module, "__file__", None)
    return path.replace(".pyc", ".py") if path else 'the module "%s"' % module.__name__


def _callables_of(module):
    names = sorted(name for name, value in vars(module).items() if callable(value) and not name.startswith("_"))
    return "Its callables are: %s." % ", ".join(names) if names else "It has no callable at all."
