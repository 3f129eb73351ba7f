"""Compares ASGI servers on unix sockets behind nginx: speed, processor time, memory, start, and what they do at a stop.

    python3 bench/asgi-servers/run.py [--rounds=2] [--seconds=3] [--only=NAME]

It needs wrk, nginx and ss, and installs each server into a virtualenv of its own below a temporary directory.
"""

import argparse
import base64
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from typing import Callable, Dict, List

HERE = os.path.dirname(os.path.abspath(__file__))
HOME = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, f"{HOME}/bench/wsgi-servers")

import behaviour  # noqa: E402
from client import Connection  # noqa: E402
from load import Front, Load, wrk  # noqa: E402
from process import Running  # noqa: E402
from servers import Server  # noqa: E402

APPLICATION = "asgi_application:app"
MANY_REQUESTS = 100_000


def _uvicorn(loop: str) -> Callable[[str, str], List[str]]:
    return lambda bin, address: [
        *(f"{bin}/uvicorn", "--uds", address, "--loop", loop, "--http", "httptools", "--backlog", "4096"),
        *("--no-access-log", "--log-level", "warning", APPLICATION),
    ]


def _hypercorn(bin: str, address: str) -> List[str]:
    return [f"{bin}/hypercorn", "--bind", f"unix:{address}", "--workers", "1", "--backlog", "4096", "--graceful-timeout", "10", APPLICATION]


def _granian(bin: str, address: str) -> List[str]:
    return [
        *(f"{bin}/granian", "--interface", "asgi", "--uds", address, "--workers", "1", "--backlog", "4096", "--http", "1"),
        *("--log-level", "warning", APPLICATION),
    ]


def _ours(bin: str, address: str) -> List[str]:
    return [f"{bin}/python", f"{HOME}/python/mfserv_serve.py", "asgi", "--timeout=60", "--", APPLICATION, address]


UVICORN = ("uvicorn==0.54.0", "httptools==0.9.0", "websockets==17.4")
SERVERS = (
    Server("uvicorn", UVICORN, _uvicorn("asyncio"), python_path=HERE),
    Server("uvicorn, uvloop", (*UVICORN, "uvloop==0.23.0"), _uvicorn("uvloop"), python_path=HERE),
    Server("hypercorn", ("hypercorn==0.18.0",), _hypercorn, python_path=HERE),
    Server("granian", ("granian==2.8.7",), _granian, python_path=HERE),
    Server("mfserv (uvicorn)", UVICORN, _ours, python_path=HERE),
)


def websocket(server: Running) -> str:
    with Connection(server.address, 3) as connection:
        key = base64.b64encode(b"0123456789abcdef").decode("ascii")
        upgrade = ("Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13")
        connection.send("GET", "/ws", upgrade)
        status, _ = connection.head()
        if status != 101:
            return f"no: {status}"
        # A masked text frame whose mask is zero, and the frame that comes back.
        connection.socket.sendall(b"\x81\x85\x00\x00\x00\x00hello")
        return "yes" if connection.file.read(7) == b"\x81\x05hello" else "no"


CHECKS: Dict[str, behaviour.Check] = {
    "websocket": websocket,
    "POST 5 MB": behaviour.post_5_mb,
    "streams": behaviour.streaming,
    "client leaves": behaviour.disconnect,
    "backlog": behaviour.backlog,
    "stop in flight": behaviour.stop_in_flight,
    "stop with backlog": behaviour.stop_with_backlog,
}


def main() -> int:
    arguments = _arguments()
    place = tempfile.mkdtemp(prefix="asgi-servers-")
    try:
        chosen = [server for server in SERVERS if arguments.only in server.name]
        installed = {server: _install(server, place) for server in chosen}
        print(f"\nPython {platform.python_version()}, {os.cpu_count()} CPUs, {arguments.rounds} rounds of {arguments.seconds:g} s\n")
        _print_speed(installed, arguments.rounds, arguments.seconds)
        _print_behaviour(installed)
        return 0
    finally:
        shutil.rmtree(place)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--only", default="", help="a part of a server's name")
    return parser.parse_args()


def _install(server: Server, place: str) -> str:
    """The bin directory of a virtualenv with the server."""
    directory = os.path.join(place, "-".join(package.partition("=")[0] for package in server.packages))
    if not os.path.isdir(directory):
        subprocess.run([sys.executable, "-m", "venv", directory], check=True)
        subprocess.run([f"{directory}/bin/pip", "install", "-q", *server.packages], check=True)
    return f"{directory}/bin"


def _print_speed(installed: Dict[Server, str], rounds: int, seconds: float) -> None:
    """The rounds go over all servers in turn, so that a busy moment of the machine does not hit one of them only."""
    loads: Dict[Server, List[Load]] = {server: [] for server in installed}
    starts: Dict[Server, List[float]] = {server: [] for server in installed}
    memory: Dict[Server, str] = {}
    for _ in range(rounds):
        for server, bin in installed.items():
            running = Running(server, bin)
            front = Front(running)
            try:
                starts[server].append(running.start_ms)
                before = running.pss_mb()
                loads[server].append(wrk(running, front.kept, seconds))
                if server not in memory:
                    wrk(running, front.fresh, max(1.0, MANY_REQUESTS / max(1.0, loads[server][0].per_second)))
                    memory[server] = f"{before:.1f} | {running.pss_mb():.1f}"
            finally:
                front.end()
                running.end()
    _row("server", "requests/s", "p99 ms", "CPU us", "failed", "start ms", "MB", "MB after 100k")
    _row(*["---"] * 8)
    for server, measured in loads.items():
        speeds = [load.per_second for load in measured]
        _row(
            server.name,
            f"{statistics.median(speeds):,.0f} ({min(speeds):,.0f} to {max(speeds):,.0f})",
            f"{statistics.median(load.p99_ms for load in measured):.1f}",
            f"{statistics.median(load.cpu_us for load in measured):.0f}",
            str(sum(load.failed for load in measured)),
            f"{statistics.median(starts[server]):.0f}",
            memory[server],
        )


def _print_behaviour(installed: Dict[Server, str]) -> None:
    print()
    _row("server", *CHECKS)
    _row(*["---"] * (1 + len(CHECKS)))
    for server, bin in installed.items():
        _row(server.name, *(_behave(server, bin, check) for check in CHECKS.values()))


def _behave(server: Server, bin: str, check: behaviour.Check) -> str:
    running = Running(server, bin)
    try:
        return check(running)
    except (OSError, ValueError, AssertionError) as error:
        return f"no: {type(error).__name__}"
    finally:
        running.end()
        shutil.rmtree(running.directory, ignore_errors=True)


def _row(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
