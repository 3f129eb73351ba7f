"""What each server does in the situations that decide. Every function returns a short word for the table."""

import os
import re
import subprocess
import threading
import time
from typing import Callable, Dict, List

from client import Connection, ask
from process import Running

Check = Callable[[Running], str]


def keep_alive(server: Running) -> str:
    with Connection(server.address) as connection:
        for _ in range(3):
            connection.send("GET", "/")
            assert connection.answer() == (200, b"Hello World!")
    return "yes"


def post_5_mb(server: Running) -> str:
    body = b"x" * 5_000_000
    status, answer = ask(server.address, "/count", "POST", (f"Content-Length: {len(body)}",), body)
    return "yes" if (status, answer) == (200, b"5000000") else f"no: {status} {answer[:40]!r}"


def chunked_body(server: Running) -> str:
    chunks = b"".join(b"5\r\nhello\r\n" for _ in range(100)) + b"0\r\n\r\n"
    status, answer = ask(server.address, "/count", "POST", ("Transfer-Encoding: chunked",), chunks)
    return "yes" if (status, answer) == (200, b"500") else f"no: {status} {answer[:40]!r}"


def head(server: Running) -> str:
    with Connection(server.address, 3) as connection:
        connection.send("HEAD", "/", ("Connection: close",))
        connection.head()
        rest = connection.file.read()
    return "yes" if rest == b"" else "no: sends a body"


def expect(server: Running) -> str:
    with Connection(server.address, 3) as connection:
        connection.send("POST", "/count", ("Content-Length: 5", "Expect: 100-continue"))
        status, _ = connection.head()
        if status != 100:
            return f"no: {status}"
        connection.socket.sendall(b"hello")
        return "yes" if connection.answer() == (200, b"5") else "no"


def streaming(server: Running) -> str:
    status, body = ask(server.address, "/stream", headers=("Connection: close",))
    if (status, len(body)) != (200, 20 * 1024 * 1024):
        return f"no: {len(body)} bytes"
    with Connection(server.address) as connection:
        began = time.monotonic()
        connection.send("GET", "/slow-stream", ("Connection: close",))
        _, headers = connection.head()
        seen = b""
        while b"first" not in seen:
            seen += connection.file.read1(100)
        return "yes" if time.monotonic() - began < 0.8 else "buffers"


def disconnect(server: Running) -> str:
    """The client goes away inside an answer; the next one is served."""
    with Connection(server.address) as connection:
        connection.send("GET", "/stream")
        connection.file.read(1000)
    return "yes" if ask(server.address, "/")[0] == 200 else "no"


def soft_timeout(server: Running) -> str:
    return ask(server.address, "/alarm")[1].decode()


def one_at_a_time(server: Running) -> str:
    answers: List[bytes] = []
    threads = [threading.Thread(target=lambda: answers.append(ask(server.address, "/half-second")[1])) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return "yes" if answers == [b"1"] * 3 else f"no: {max(answers).decode()}"


def backlog(server: Running) -> str:
    listing = subprocess.run(["ss", "-lxntH"], capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        if line.split()[4:5] == [server.address] or f":{server.address} " in line:
            return re.split(r"\s+", line)[3]
    return "?"


def stop_in_flight(server: Running) -> str:
    """SIGTERM inside a request of one second."""
    outcome: Dict[str, str] = {}
    thread = threading.Thread(target=_ask_second, args=(server, outcome, "first"))
    thread.start()
    _until_marked(server)
    server.stop()
    thread.join()
    return f"{outcome['first']}, {_ended(server)}"


def stop_with_backlog(server: Running) -> str:
    """SIGTERM inside a request of one second, with 20 more that have been sent."""
    outcome: Dict[str, str] = {}
    thread = threading.Thread(target=_ask_second, args=(server, outcome, "first"))
    thread.start()
    _until_marked(server)
    waiting = [Connection(server.address) for _ in range(20)]
    for connection in waiting:
        connection.send("GET", "/", ("Connection: close",))
    server.stop()
    thread.join()
    answered = sum(_is_answered(connection) for connection in waiting)
    return f"{answered} of 20, {_ended(server)}"


def _ask_second(server: Running, outcome: Dict[str, str], name: str) -> None:
    try:
        outcome[name] = ask(server.address, "/second", headers=("Connection: close",))[1].decode()
    except (OSError, ValueError) as error:
        outcome[name] = f"lost ({type(error).__name__})"


def _until_marked(server: Running) -> None:
    while not os.path.exists(server.mark):
        time.sleep(0.005)


def _is_answered(connection: Connection) -> bool:
    with connection:
        try:
            return connection.answer() == (200, b"Hello World!")
        except (OSError, ValueError):
            return False


def _ended(server: Running) -> str:
    try:
        return f"exit {server.process.wait(timeout=10)}"
    except subprocess.TimeoutExpired:
        return "still runs"


# The ones that end the server come last, each on a fresh one.
CHECKS: Dict[str, Check] = {
    "keep-alive": keep_alive,
    "POST 5 MB": post_5_mb,
    "chunked body": chunked_body,
    "HEAD": head,
    "Expect": expect,
    "streams": streaming,
    "client leaves": disconnect,
    "alarm in sleep": soft_timeout,
    "one at a time": one_at_a_time,
    "backlog": backlog,
}
ENDING_CHECKS: Dict[str, Check] = {"stop in flight": stop_in_flight, "stop with backlog": stop_with_backlog}
