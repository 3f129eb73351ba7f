"""Compares WSGI servers as the worker behind nginx: `python3 bench/wsgi-servers/run.py [--rounds N] [--seconds N] [--only NAME]`.

Needs nginx, wrk and ss. Makes its own virtualenvs in a temporary directory. Writes two tables in Markdown. Servers without a wheel
need a compiler; one that cannot be installed is left out, and its reason is printed.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from typing import Dict, List, Sequence

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from behaviour import CHECKS, ENDING_CHECKS
from load import Front, Load, wrk
from process import Running
from servers import SERVERS, Server

MANY_REQUESTS = 200_000


def main() -> int:
    arguments = _arguments()
    missing = [tool for tool in ("wrk", "ss") if shutil.which(tool) is None]
    if missing:
        print(f"not found: {', '.join(missing)}. Install the Debian packages wrk and iproute2.", file=sys.stderr)
        return 1
    place = tempfile.mkdtemp(prefix="wsgi-servers-")
    try:
        chosen = [server for server in SERVERS if arguments.only in server.name]
        installed = {server: bin for server in chosen for bin in [_install(server, place)] if bin}
        print(f"\nPython {platform.python_version()}, {os.cpu_count()} CPUs, {arguments.rounds} rounds of {arguments.seconds:g} s\n")
        _print_speed(installed, arguments.rounds, arguments.seconds)
        _print_behaviour(installed)
        return 0
    finally:
        shutil.rmtree(place)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--only", default="", help="a part of a server's name")
    return parser.parse_args()


def _install(server: Server, place: str) -> str:
    """The bin directory of a virtualenv with the server; '' and a message if it cannot be installed."""
    directory = os.path.join(place, server.packages[0].replace("==", "-"))
    bin = f"{directory}/bin"
    if os.path.isdir(directory):
        return bin
    subprocess.run([sys.executable, "-m", "venv", directory], check=True)
    done = subprocess.run([f"{bin}/pip", "install", "-q", *server.packages], capture_output=True, text=True)
    if done.returncode == 0:
        return bin
    print(f"{server.name} cannot be installed:\n{done.stderr[-800:]}", file=sys.stderr)
    return ""


def _print_speed(installed: Dict[Server, str], rounds: int, seconds: float) -> None:
    """The rounds go over all servers in turn, so that a busy moment of the machine does not hit one of them only."""
    kept: Dict[Server, List[Load]] = {server: [] for server in installed}
    fresh: Dict[Server, List[Load]] = {server: [] for server in installed}
    starts: Dict[Server, List[float]] = {server: [] for server in installed}
    memory: Dict[Server, str] = {}
    for round in range(rounds):
        for server, bin in installed.items():
            running = Running(server, bin)
            starts[server].append(running.start_ms)
            front = Front(running)
            try:
                before = running.pss_mb()
                kept[server].append(wrk(running, front.kept, seconds))
                fresh[server].append(wrk(running, front.fresh, seconds))
                if round == 0:
                    _serve_many(running, front, fresh[server][0].per_second)
                    memory[server] = f"{before:.1f} | {running.pss_mb():.1f}"
            finally:
                front.end()
                running.end()
    load = ("p99 ms", "CPU us", "failed")
    _row("server", "requests/s, kept", *load, "requests/s, fresh", *load, "start ms", "MB", "MB after 200k")
    _row(*["---"] * 12)
    for server in installed:
        _row(server.name, *_loads(kept[server]), *_loads(fresh[server]), f"{statistics.median(starts[server]):.0f}", memory[server])


def _serve_many(running: Running, front: Front, per_second: float) -> None:
    """Fresh connections, so that what a connection leaves behind shows too."""
    wrk(running, front.fresh, max(1.0, MANY_REQUESTS / per_second))


def _loads(loads: List[Load]) -> Sequence[str]:
    speeds = [load.per_second for load in loads]
    return (
        f"{statistics.median(speeds):,.0f} ({min(speeds):,.0f} to {max(speeds):,.0f})",
        f"{statistics.median(load.p99_ms for load in loads):.1f}",
        f"{statistics.median(load.cpu_us for load in loads):.0f}",
        f"{sum(load.failed for load in loads):,}",
    )


def _print_behaviour(installed: Dict[Server, str]) -> None:
    print()
    _row("server", "wheel", "released", *CHECKS, *ENDING_CHECKS)
    _row(*["---"] * (3 + len(CHECKS) + len(ENDING_CHECKS)))
    for server, bin in installed.items():
        _row(server.name, "yes" if server.wheel else "no", server.released, *_behave(server, bin))


def _behave(server: Server, bin: str) -> List[str]:
    words = []
    for check in (*CHECKS.values(), *ENDING_CHECKS.values()):
        running = Running(server, bin)
        try:
            words.append(check(running))
        except (OSError, ValueError, AssertionError) as error:
            words.append(f"no: {type(error).__name__}")
        finally:
            running.end()
    return words


def _row(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
