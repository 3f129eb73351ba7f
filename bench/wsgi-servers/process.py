"""Starts a server, asks until it answers, measures its memory, ends it."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from typing import List

from client import ask
from servers import Server


class Running:
    """One started server in a directory of its own. `start_ms`: from the start to its first answer."""

    def __init__(self, server: Server, bin: str) -> None:
        self.directory = tempfile.mkdtemp(prefix="wsgi-")
        self.address = free_port() if server.tcp else f"{self.directory}/s"
        self.mark = f"{self.directory}/mark"
        self._stop = server.stop
        self._log = open(f"{self.directory}/log", "wb")
        environment = {**os.environ, "PYTHONPATH": server.python_path, "BENCH_MARK": self.mark, "PYTHONDONTWRITEBYTECODE": ""}
        began = time.monotonic()
        self.process = subprocess.Popen(
            server.command(bin, self.address), env=environment, stdout=self._log, stderr=self._log, start_new_session=True
        )
        self._until_answer(began + 20)
        self.start_ms = (time.monotonic() - began) * 1000

    def _until_answer(self, until: float) -> None:
        while True:
            try:
                assert ask(self.address, "/")[0] == 200
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > until:
                    said = self.output()
                    self.end()
                    raise RuntimeError(f"{self.process.args}\n{said}") from None
                time.sleep(0.002)

    def output(self) -> str:
        with open(f"{self.directory}/log", encoding="utf-8", errors="replace") as log:
            return log.read()

    def pss_mb(self) -> float:
        """Of all its processes."""
        return sum(_pss_kb(pid) for pid in _tree(self.process.pid)) / 1024

    def cpu_seconds(self) -> float:
        """Used by all its processes so far."""
        return sum(_cpu_ticks(pid) for pid in _tree(self.process.pid)) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        os.kill(self.process.pid, self._stop)

    def end(self) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self._log.close()
        shutil.rmtree(self.directory)


def _tree(pid: int) -> List[int]:
    found = [pid]
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as children:
            for child in children.read().split():
                found += _tree(int(child))
    return found


def _pss_kb(pid: int) -> int:
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
        return next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))


def _cpu_ticks(pid: int) -> int:
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])
