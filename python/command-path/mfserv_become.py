"""
Packages of mfserv for a program of a plugin that brings none of its own: MFSERV had them for every plugin. Stands where that
program's Python looks last but for its own packages.
"""

import importlib
import os
import sys

import mfserv_lend

# What aiohttp is made of, and what its middlewares log with.
_NAMES = (
    "aiohttp", "aiohappyeyeballs", "aiosignal", "async_timeout", "attr", "attrs", "frozenlist", "idna", "multidict", "propcache",
    "yarl", "mflog", "structlog", "six", "typing_extensions",
)
_HERE = os.path.dirname(os.path.abspath(__file__))
_PYTHON = os.path.dirname(_HERE)


def become(name):
    """The module `name` is the one that the plugin has, or else mfserv's."""
    # A module that is being imported may be replaced by another of its name; it only has to live until the import is over.
    _this = sys.modules.pop(name)
    sys.path[:] = [place for place in sys.path if os.path.abspath(place) != _HERE]
    if _PYTHON not in sys.path:
        mfserv_lend.lend(_NAMES)
        sys.path.append(_PYTHON)
    importlib.import_module(name)
