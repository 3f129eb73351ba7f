"""How a plugin's process gets some of mfserv's own packages: only those it asks for, and only where it has none of its own."""

import os
import sys

IS_PYTHON2 = sys.version_info[0] == 2


def lend(names):
    """From now on the packages of these names are found, behind everything else."""
    library = _library()
    if os.path.isdir(library):
        sys.meta_path.append(_Lender2(names, library) if IS_PYTHON2 else _Lender(names, library))


def adapt(mflog):
    """What is logged has the documented levels, the name of its plugin, and the id of the request it belongs to."""
    add_context = mflog.add_extra_context
    add_level = mflog.add_level

    def with_place(logger, method, event):
        event = add_context(logger, method, event)
        # Hidden in text by MFLOG_JSON_ONLY_KEYS.
        event.setdefault("plugin", os.environ.get("MFSERV_CURRENT_PLUGIN_NAME", "#core#"))
        # Where one request is handled at a time, and in what is started for it.
        if os.environ.get("MFSERV_CURRENT_REQUEST_ID"):
            event.setdefault("request_id", os.environ["MFSERV_CURRENT_REQUEST_ID"])
        return event

    def with_documented_level(logger, method, event):
        # With a structlog of today, `exception` would be a level of its own.
        return add_level(logger, "error" if method == "exception" else method, event)

    mflog.add_extra_context = with_place
    mflog.add_level = with_documented_level


def _library():
    """Of exactly this interpreter; of another one it does not exist."""
    if IS_PYTHON2:
        return os.environ.get("MFSERV_PYTHON2_LIBRARY", "")
    return os.environ.get("MFSERV_PYTHON_LIBRARY", "").replace("{tag}", sys.implementation.cache_tag or "")


class _Lender(object):
    """The last finder of Python 3: it is asked for what nobody else has found."""

    def __init__(self, names, library):
        self._names = names
        self._library = library

    def find_spec(self, name, path=None, target=None):
        from importlib.machinery import PathFinder

        return PathFinder.find_spec(name, [self._library], target) if name in self._names else None


class _Lender2(object):
    """In Python 2 every finder is asked before the search path, so this one looks there first."""

    def __init__(self, names, library):
        import imp

        self._imp = imp
        self._names = names
        self._library = library

    def find_module(self, name, path=None):
        return self if name in self._names and not self._is_on_path(name) else None

    def load_module(self, name):
        file, place, description = self._imp.find_module(name, [self._library])
        try:
            return self._imp.load_module(name, file, place, description)
        finally:
            if file is not None:
                file.close()

    def _is_on_path(self, name):
        try:
            file = self._imp.find_module(name)[0]
        except ImportError:
            return False
        if file is not None:
            file.close()
        return True
