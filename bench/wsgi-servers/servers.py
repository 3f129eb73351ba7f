"""The servers that are compared: how each one is started with one worker that handles one request at a time."""

import os
import signal
from dataclasses import dataclass
from typing import Callable, List, Tuple

HERE = os.path.dirname(os.path.abspath(__file__))
HOME = os.path.dirname(os.path.dirname(HERE))


@dataclass(frozen=True)
class Server:
    name: str
    # What pip installs, pinned; the first one is the server.
    packages: Tuple[str, ...]
    # bin directory of its virtualenv, address -> command line
    command: Callable[[str, str], List[str]]
    # The signal of its graceful stop.
    stop: int = signal.SIGTERM
    tcp: bool = False
    released: str = ""
    wheel: bool = True
    # Where the application is.
    python_path: str = HERE


def _adapter(name: str) -> Callable[[str, str], List[str]]:
    return lambda bin, address: [f"{bin}/python", f"{HERE}/adapters/{name}_server.py", address]


def _gunicorn(kind: str) -> Callable[[str, str], List[str]]:
    return lambda bin, address: [
        *(f"{bin}/gunicorn", "-w", "1", "-k", kind, "--threads", "1", "--backlog", "2048", "-b", f"unix:{address}"),
        *("--log-level", "warning", "--no-control-socket", "application:app"),
    ]


def _uwsgi(option: str) -> Callable[[str, str], List[str]]:
    options = ["--need-app", "--die-on-term", "--disable-logging", "--single-interpreter", "--listen", "2048"]
    words = [option, "{address}", "--module", "application:app", *options]
    return lambda bin, address: [
        *(f"{bin}/python", "-c", "import pyuwsgi, sys; pyuwsgi.run(sys.argv[1:])"),
        *(word.format(address=address) for word in words),
    ]


def _granian(bin: str, address: str) -> List[str]:
    return [
        *(f"{bin}/granian", "--interface", "wsgi", "--uds", address, "--workers", "1", "--blocking-threads", "1"),
        *("--backlog", "2048", "--backpressure", "1", "--http", "1", "--no-ws", "--log-level", "warning", "application:app"),
    ]


def _ours(bin: str, address: str) -> List[str]:
    return [f"{bin}/python", f"{HOME}/python/mfserv_wsgi.py", "--timeout=60", "application:app", address]


_GUNICORN = ("gunicorn==27.0.1", "gunicorn-h1c==0.6.9")
_UWSGI = ("pyuwsgi==2.0.30.post1",)

SERVERS = (
    Server("bjoern", ("bjoern==3.2.2",), _adapter("bjoern"), stop=signal.SIGINT, released="2022-09", wheel=False),
    Server("fastpysgi", ("fastpysgi==0.6",), _adapter("fastpysgi"), stop=signal.SIGINT, tcp=True, released="2026-04"),
    Server("granian", ("granian==2.8.7",), _granian, released="2026-10"),
    Server("pyuwsgi http-socket", _UWSGI, _uwsgi("--http-socket"), released="2026-02"),
    Server("pyuwsgi http11-socket", _UWSGI, _uwsgi("--http11-socket"), released="2026-02"),
    Server("gunicorn sync", _GUNICORN, _gunicorn("sync"), released="2026-11"),
    Server("gunicorn gthread", _GUNICORN, _gunicorn("gthread"), released="2026-11"),
    Server("cheroot", ("cheroot==11.1.2",), _adapter("cheroot"), released="2025-11"),
    Server("waitress", ("waitress==3.0.2",), _adapter("waitress"), released="2024-11"),
    Server("mfserv + httptools", ("httptools==0.9.0",), _ours, released="2026-10"),
)
