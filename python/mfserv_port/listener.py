"""Who listens on a TCP port of this machine's loopback, asked of the kernel over netlink: 3 us, however many sockets there are."""

import os
import socket
import struct
from typing import List, NamedTuple, Optional

NETLINK_SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY = 20
NLM_F_REQUEST = 1
LISTEN = 10
ANSWER_BYTES = 512
LOOPBACK = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}
# struct nlmsghdr; inet_diag_req_v2 up to the ports; the addresses, the interface and the cookie.
HEADER = struct.Struct("=IHHII")
REQUEST = struct.Struct("=BBBxI")
PORTS = struct.Struct("!HH")
NO_COOKIE = struct.pack("=III", 0, 0xFFFFFFFF, 0xFFFFFFFF)
# inet_diag_msg: what stands before the ports, the source in it, and the user and the inode at its end.
SOURCE_AT = HEADER.size + 8
OWNER_AT = HEADER.size + 4 + 48 + 12
OWNER = struct.Struct("=II")


class Listener(NamedTuple):
    family: int
    user: int
    inode: int
    # Other machines reach it as well.
    is_open: bool


class Listeners:
    """Tells which socket a connection to a port would reach."""

    def __init__(self) -> None:
        self._netlink: Optional[socket.socket] = None
        try:
            self._netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG)
            if not self._works():
                self._netlink = None
        except OSError:
            pass  # A kernel, or a container, without it: /proc tells the same, and takes longer.

    def on(self, port: int) -> Optional[Listener]:
        """IPv4 first: most listen there, and a socket for both is found as one."""
        return self.of(socket.AF_INET, port) or self.of(socket.AF_INET6, port)

    def of(self, family: int, port: int) -> Optional[Listener]:
        return of_proc(family, port) if self._netlink is None else self._ask(self._netlink, family, port)

    def _works(self) -> bool:
        with socket.socket() as probe:
            probe.bind((LOOPBACK[socket.AF_INET], 0))
            probe.listen(1)
            return self.of(socket.AF_INET, probe.getsockname()[1]) is not None

    def _ask(self, netlink: socket.socket, family: int, port: int) -> Optional[Listener]:
        address = socket.inet_pton(family, LOOPBACK[family]).ljust(16, b"\0")
        body = REQUEST.pack(family, socket.IPPROTO_TCP, 0, 1 << LISTEN) + PORTS.pack(port, 0) + address + bytes(16) + NO_COOKIE
        header = HEADER.pack(HEADER.size + len(body), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 0, 0)
        netlink.send(header + body)
        answer = netlink.recv(ANSWER_BYTES)
        if HEADER.unpack_from(answer)[1] != SOCK_DIAG_BY_FAMILY or answer[HEADER.size + 1] != LISTEN:
            return None
        user, inode = OWNER.unpack_from(answer, OWNER_AT)
        return Listener(family, user, inode, not any(answer[SOURCE_AT : SOURCE_AT + 16]))


def of_proc(family: int, port: int) -> Optional[Listener]:
    """The nearest address counts, as for a connection. A socket of IPv6 for all addresses takes those of IPv4, unless it says no."""
    addresses = {socket.AF_INET: [("tcp", "0100007F"), ("tcp", "0" * 8)], socket.AF_INET6: [("tcp6", "0" * 24 + "01000000")]}[family]
    for file, address in [*addresses, ("tcp6", "0" * 32)]:
        for line in _lines(f"/proc/net/{file}"):
            # sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
            words = line.split()
            if words[1] == f"{address}:{port:04X}" and words[3] == "0A":
                return Listener(family, int(words[7]), int(words[9]), not address.strip("0"))
    return None


def _lines(file: str) -> List[str]:
    try:
        with open(file, encoding="ascii") as opened:
            return opened.readlines()[1:]
    except FileNotFoundError:
        return []  # No IPv6.


def is_of_session(listener: Listener, session: int) -> bool:
    """Whether a process of the session has it open. One whose files cannot be read is judged by its user."""
    wanted = f"socket:[{listener.inode}]"
    for name in os.listdir("/proc"):
        if name.isdigit() and _session_of(int(name)) == session and _has(int(name), wanted, listener.user):
            return True
    return False


def _session_of(process: int) -> Optional[int]:
    try:
        return os.getsid(process)
    except (ProcessLookupError, PermissionError):
        return None


def _has(process: int, wanted: str, user: int) -> bool:
    directory = f"/proc/{process}/fd"
    try:
        return any(_target(f"{directory}/{name}") == wanted for name in os.listdir(directory))
    except PermissionError:
        return os.stat(f"/proc/{process}").st_uid == user
    except (FileNotFoundError, ProcessLookupError):
        return False


def _target(link: str) -> str:
    try:
        return os.readlink(link)
    except (FileNotFoundError, ProcessLookupError):
        return ""
