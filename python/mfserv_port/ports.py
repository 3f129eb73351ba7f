"""A port for one worker alone."""

import errno
import random
import socket
from typing import NamedTuple, Tuple

RANGE_FILE = "/proc/sys/net/ipv4/ip_local_port_range"
LOWEST = 20000
HIGHEST = 60999
# Fewer than these are no choice.
FEWEST = 1000


class Place(NamedTuple):
    port: int
    # Open for as long as the port is ours.
    lock: socket.socket


def reserve() -> Place:
    """A port that is free, and that no other worker of any mfserv on this machine is given: who has the name has the port."""
    low, high = choices()
    while True:
        port = random.randint(low, high)
        lock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            lock.bind(f"\0mfserv-port-{port}")
            if is_free(port):
                return Place(port, lock)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
        lock.close()


def choices() -> Tuple[int, int]:
    """Outside those that the system gives to outgoing connections, where that leaves enough."""
    with open(RANGE_FILE, encoding="ascii") as file:
        first, last = (int(word) for word in file.read().split())
    if first - LOWEST >= FEWEST:
        return LOWEST, first - 1
    return LOWEST, HIGHEST


def is_free(port: int) -> bool:
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((address, port))
        except OSError as error:
            # A machine may have no IPv6.
            if error.errno not in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                return False
    return True
