"""Who may debug. nginx knows the address of the client and says so in a header that no client can set."""

from __future__ import annotations

import ipaddress
import os
import re
from typing import Optional

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
    name = name_of(host)
    if name is not None and _is_own_name(name):
        return True
    name = host if name is None else name
    if name not in _refused_hosts and len(_refused_hosts) < 100:
        _refused_hosts.add(name)
        log("WARNING", f'no debugger under the name "{printable(name)}": open the page by the IP address or the name of this machine')
    return False


_HOST = re.compile(r"(?:\[(?P<address>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(?::[0-9]{1,5})?", re.ASCII | re.IGNORECASE)


def name_of(host: str) -> Optional[str]:
    """Without the port, in lower case; None for what is no host. In square brackets stands an IPv6 address and nothing else."""
    found = _HOST.fullmatch(host)
    if found is None:
        return None
    if found["address"] is None:
        return found["name"].lower()
    try:
        return str(ipaddress.IPv6Address(found["address"]))
    except ValueError:
        return None


def _is_own_name(name: str) -> bool:
    """
    Not any name: somebody else's could be made to lead here (DNS rebinding), and a page of theirs would then read the
    debugger's in the browser of the developer.
    """
    try:
        ipaddress.ip_address(name)
        return True
    except ValueError:
        own = " ".join(os.environ.get(variable, "") for variable in ("MFHOSTNAME", "MFHOSTNAME_FULL", "MFSERV_DEBUG_HOSTS"))
        # Not the names below these: where a machine is called dev, evil.dev is somebody else's.
        return name in ("localhost", *own.lower().split())
