"""wrk through nginx to one server."""

import os
import re
import subprocess
import time
from dataclasses import dataclass
from typing import Tuple

from client import ask
from process import Running, free_port

NGINX = next((path for path in ("/usr/sbin/nginx", "/usr/local/sbin/nginx") if os.path.exists(path)), "nginx")


@dataclass(frozen=True)
class Load:
    per_second: float
    p99_ms: float
    failed: int
    # Of the server for one request: it says more than the speed when other processes use the machine.
    cpu_us: float


class Front:
    """One nginx worker in front of one server, with the upstream keep-alive of mfserv on one port and without on another."""

    def __init__(self, running: Running) -> None:
        self.kept, self.fresh = free_port(), free_port()
        self._directory = f"{running.directory}/nginx"
        os.mkdir(self._directory)
        backend = f"127.0.0.1:{running.address}" if running.address.isdigit() else f"unix:{running.address}"
        conf = f"{self._directory}/nginx.conf"
        with open(conf, "w", encoding="ascii") as file:
            file.write(_conf(self._directory, backend, self.kept, self.fresh))
        self._process = subprocess.Popen([NGINX, "-p", self._directory, "-c", conf, "-e", f"{self._directory}/error.log"])
        while True:
            try:
                ask(self.kept, "/")
                return
            except OSError:
                time.sleep(0.01)

    def end(self) -> None:
        self._process.terminate()
        self._process.wait()


def _conf(directory: str, backend: str, kept: str, fresh: str) -> str:
    user = "user root;" if os.getuid() == 0 else ""
    temporary = " ".join(
        f"{name}_temp_path {directory}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"""
daemon off; {user} worker_processes 1; pid {directory}/pid; error_log {directory}/error.log crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; {temporary} keepalive_requests 1000000;
  upstream kept {{ server {backend} max_fails=0; keepalive 32; keepalive_time 1s; keepalive_timeout 1s; keepalive_requests 1000000; }}
  upstream fresh {{ server {backend} max_fails=0; }}
  proxy_set_header Host $http_host; proxy_set_header X-Real-IP $remote_addr; proxy_set_header X-Request-Id $request_id;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;
  server {{ listen 127.0.0.1:{kept}; location / {{ proxy_pass http://kept; proxy_http_version 1.1; proxy_set_header Connection "";
    proxy_set_header Host $http_host; proxy_set_header X-Real-IP $remote_addr; proxy_set_header X-Request-Id $request_id;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme; }} }}
  server {{ listen 127.0.0.1:{fresh}; location / {{ proxy_pass http://fresh; }} }}
}}
"""


def wrk(running: Running, port: str, seconds: float) -> Load:
    before = running.cpu_seconds()
    words = ["wrk", "-t1", "-c32", f"-d{round(seconds)}s", "--latency", f"http://127.0.0.1:{port}/"]
    text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    cpu = running.cpu_seconds() - before
    number, unit = _found(r"99%\s+([\d.]+)(us|ms|s|m)\b", text)
    bad = _found(r"Non-2xx or 3xx responses: (\d+)", text, ("0",))[0]
    errors = _found(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text, ("0",))
    return Load(
        per_second=float(_found(r"Requests/sec:\s+([\d.]+)", text)[0]),
        p99_ms=float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[unit],
        failed=int(bad) + sum(int(error) for error in errors),
        cpu_us=cpu * 1_000_000 / max(1, int(_found(r"(\d+) requests in", text)[0])),
    )


def _found(pattern: str, text: str, otherwise: Tuple[str, ...] = ("0", "ms")) -> Tuple[str, ...]:
    match = re.search(pattern, text)
    return match.groups() if match else otherwise
