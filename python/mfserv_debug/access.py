"""Who may debug. nginx knows the address of the client and says so in a header that no client can set."""

from __future__ import annotations

import ipaddress
import os

from mfserv_python.log import log
from mfserv_python.printable import printable

HEADER = "X-Mfserv-Debug"
_ENVIRON_KEY = "HTTP_X_MFSERV_DEBUG"

_refused_hosts: set[str] = set()


def wsgi_may_debug(environ: dict) -> bool:
    """Whether the client of this request gets the debugger."""
    return may_debug(environ.get(_ENVIRON_KEY, ""), environ.get("HTTP_HOST", ""))


def may_debug(word: str, host: str) -> bool:
    """`word`: the value of HEADER; `host`: of the header Host. Both empty where the request has none."""
    if word != "1":
        return False
    name = _name_of(host)
    if _is_own_name(name):
        return True
    if name not in _refused_hosts and len(_refused_hosts) < 100:
        _refused_hosts.add(name)
        log("WARNING", f'no debugger under the name "{printable(name)}": open the page by the IP address or the name of this machine')
    return False


def _name_of(host: str) -> str:
    """Without the port, in lower case."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def _is_own_name(name: str) -> bool:
    """
    Not any name: somebody else's could be made to lead here (DNS rebinding), and a page of theirs would then read the
    debugger's in the browser of the developer.
    """
    try:
        ipaddress.ip_address(name)
        return True
    except ValueError:
        own = ["localhost", *(os.environ.get(variable, "").lower() for variable in ("MFHOSTNAME", "MFHOSTNAME_FULL"))]
        return any(name == known or name.endswith(f".{known}") for known in own if known)
