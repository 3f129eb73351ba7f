"""The WSGI environment of a request that came through nginx.

Only nginx connects to a worker's socket, and it always sends X-Forwarded-Proto and X-Real-IP: what they say is its own word.
"""

from __future__ import annotations

import sys
from typing import Any, Dict
from urllib.parse import unquote_to_bytes

Environ = Dict[str, Any]

BASE: Environ = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": False,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,
}

# Header name as received -> its key; '' for a name that is left out. Bounded, because clients choose the names.
KEYS: Dict[bytes, str] = {b"Content-Type": "CONTENT_TYPE", b"Content-Length": "CONTENT_LENGTH"}
_MOST_KEYS = 1024


def add_header(environ: Environ, name: bytes, value: bytes) -> None:
    """Adds a header as PEP 3333 wants it; a repeated one is joined by a comma, a cookie by a semicolon."""
    key = KEYS.get(name)
    if key is None:
        key = _key(name)
    if key == "":
        return
    text = value.decode("latin-1")
    if key in environ:
        text = environ[key] + ("; " if key == "HTTP_COOKIE" else ",") + text
    environ[key] = text


def _key(name: bytes) -> str:
    upper = name.decode("latin-1").upper().replace("-", "_")
    # X_Real_IP would pass for X-Real-IP.
    key = "" if b"_" in name else upper if upper in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{upper}"
    if len(KEYS) < _MOST_KEYS:
        KEYS[name] = key
    return key


def complete(environ: Environ, method: bytes, target: bytes, version: str) -> None:
    """Adds what follows from the request line and from the headers already in `environ`."""
    path, _, query = target.partition(b"?")
    if not path.startswith(b"/"):
        path = _path_of_absolute(path)
    if b"%" in path:
        path = unquote_to_bytes(path)
    uri = target.decode("latin-1")
    environ["REQUEST_METHOD"] = method.decode("latin-1")
    environ["PATH_INFO"] = path.decode("latin-1")
    environ["QUERY_STRING"] = query.decode("latin-1")
    environ["REQUEST_URI"] = uri
    environ["RAW_URI"] = uri
    environ["SERVER_PROTOCOL"] = f"HTTP/{version}"
    environ["REMOTE_ADDR"] = environ.get("HTTP_X_REAL_IP", "")
    scheme = scheme_of(environ.get("HTTP_X_FORWARDED_PROTO", ""))
    environ["wsgi.url_scheme"] = scheme
    name, port = _host_and_port(environ.get("HTTP_HOST", ""))
    environ["SERVER_NAME"] = name or "localhost"
    environ["SERVER_PORT"] = port or ("443" if scheme == "https" else "80")


def scheme_of(forwarded_proto: str) -> str:
    """Of the header X-Forwarded-Proto. A chain of proxies writes a list, the client's side first."""
    return "https" if forwarded_proto.partition(",")[0].strip().lower() == "https" else "http"


def _path_of_absolute(target: bytes) -> bytes:
    """`http://host/path` and `*` are the other forms a request line may have."""
    _, separator, rest = target.partition(b"://")
    if not separator:
        return b"" if target == b"*" else target
    return b"/" + rest.partition(b"/")[2]


def _host_and_port(host: str) -> tuple[str, str]:
    name, colon, port = host.rpartition(":")
    # An IPv6 address has colons of its own, inside brackets.
    return (name, port) if colon and port.isdigit() else (host, "")
