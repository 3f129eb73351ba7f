"""What a worker is told on its command line."""

from dataclasses import dataclass

# A full backlog is a 502 at once. The system's own limit (net.core.somaxconn) is 4096 as a rule.
BACKLOG = 4096
READY_PATH = "/__mfserv_ready"
READY_HEADER = "X-Mfserv-Ready"


@dataclass(frozen=True)
class Worker:
    kind: str
    # Seconds; 0 is none.
    timeout: float
    # Seconds between the order to stop and the end by force.
    grace: float
    library: str
    # The prefixes that a WSGI or ASGI application is mounted at, joined by colons.
    mount: str
    debug: bool
    entry: str
    socket: str
