"""Who may debug. The twin of mfserv_debug/access.py for Python 3."""

import os
import re
import socket

from .log import log
from .printable import printable

_refused_hosts = set()
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::[0-9]{1,5})?\Z", re.IGNORECASE)


def may_debug(environ):
    """nginx knows the address of the client and says so in a header that no client can set."""
    if environ.get("HTTP_X_MFSERV_DEBUG") != "1":
        return False
    host = environ.get("HTTP_HOST", "")
    name = name_of(host)
    if name is not None and _is_own_name(name):
        return True
    name = host if name is None else name
    if name not in _refused_hosts and len(_refused_hosts) < 100:
        _refused_hosts.add(name)
        log("WARNING", 'no debugger under the name "%s": open the page by the IP address or the name of this machine' % printable(name))
    return False


def name_of(host):
    """Without the port, in lower case; None for what is no host. In square brackets stands an IPv6 address and nothing else."""
    found = _HOST.match(host)
    if found is None:
        return None
    address, name = found.groups()
    if address is None:
        return name.lower()
    return address.lower() if _is_address(socket.AF_INET6, address) else None


def _is_own_name(name):
    """
    Not any name: somebody else's could be made to lead here (DNS rebinding), and a page of theirs would then read the
    debugger's in the browser of the developer.
    """
    if _is_address(socket.AF_INET, name) or _is_address(socket.AF_INET6, name):
        return True
    own = " ".join(os.environ.get(variable, "") for variable in ("MFHOSTNAME", "MFHOSTNAME_FULL", "MFSERV_DEBUG_HOSTS"))
    # Not the names below these: where a machine is called dev, evil.dev is somebody else's.
    return name in ["localhost"] + own.lower().split()


def _is_address(family, text):
    try:
        socket.inet_pton(family, text)
        return True
    except socket.error:
        return False
