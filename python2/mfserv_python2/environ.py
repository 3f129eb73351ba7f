"""The WSGI environment of a request that came through nginx.

Only nginx connects to a worker's socket, and it always sends X-Forwarded-Proto and X-Real-IP: what they say is its own word.
"""

import sys
from urllib import unquote


def environ_of(method, target, version, headers):
    """As PEP 3333 wants it. `version`: `1.1`. `headers`: names and values as received; one that repeats is joined."""
    environ = {
        "SCRIPT_NAME": "",
        "wsgi.version": (1, 0),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    for name, value in headers:
        _add_header(environ, name, value)
    path, _, query = target.partition("?")
    environ["REQUEST_METHOD"] = method
    environ["PATH_INFO"] = unquote(path if path.startswith("/") else _path_of_absolute(path))
    environ["QUERY_STRING"] = query
    environ["REQUEST_URI"] = target
    environ["RAW_URI"] = target
    environ["SERVER_PROTOCOL"] = "HTTP/%s" % version
    environ["REMOTE_ADDR"] = environ.get("HTTP_X_REAL_IP", "")
    scheme = scheme_of(environ.get("HTTP_X_FORWARDED_PROTO", ""))
    environ["wsgi.url_scheme"] = scheme
    name, port = _host_and_port(environ.get("HTTP_HOST", ""))
    environ["SERVER_NAME"] = name or "localhost"
    environ["SERVER_PORT"] = port or ("443" if scheme == "https" else "80")
    return environ


def scheme_of(forwarded_proto):
    """Of the header X-Forwarded-Proto. A chain of proxies writes a list, the client's side first."""
    return "https" if forwarded_proto.partition(",")[0].strip().lower() == "https" else "http"


def _add_header(environ, name, value):
    # X_Real_IP would pass for X-Real-IP.
    if "_" in name:
        return
    upper = name.upper().replace("-", "_")
    key = upper if upper in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_" + upper
    if key in environ:
        value = environ[key] + ("; " if key == "HTTP_COOKIE" else ",") + value
    environ[key] = value


def _path_of_absolute(target):
    """`http://host/path` and `*` are the other forms a request line may have."""
    _, separator, rest = target.partition("://")
    if not separator:
        return "" if target == "*" else target
    return "/" + rest.partition("/")[2]


def _host_and_port(host):
    name, colon, port = host.rpartition(":")
    # An IPv6 address has colons of its own, inside brackets.
    return (name, port) if colon and port.isdigit() else (host, "")
