"""A WSGI application whose paths each make one behaviour of the worker visible. Phases are files in the working directory."""

import ctypes
import gc
import logging
import os
import subprocess
import threading
import time


def app(environ, start_response):
    handler = HANDLERS.get(environ["PATH_INFO"], hello)
    return handler(environ, start_response)


def text(start_response, value):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(value).encode()]


def reached(phase):
    with open(phase, "w", encoding="ascii"):
        pass


def wait_for(phase):
    while not os.path.exists(phase):
        time.sleep(0.01)


def hello(environ, start_response):
    return text(start_response, "Hello World!")


def die(environ, start_response):
    ctypes.string_at(0)


def show_environ(environ, start_response):
    shown = {key: value for key, value in environ.items() if isinstance(value, (str, bool))}
    return text(start_response, "\n".join(f"{key}={value}" for key, value in sorted(shown.items())))


def show_pid(environ, start_response):
    return text(start_response, os.getpid())


def show_request_id(environ, start_response):
    child = subprocess.run(["printenv", "MFSERV_CURRENT_REQUEST_ID"], capture_output=True, text=True)
    return text(start_response, f"{os.environ['MFSERV_CURRENT_REQUEST_ID']} {child.stdout.strip()}")


def count_body(environ, start_response):
    total = 0
    while True:
        chunk = environ["wsgi.input"].read(65536)
        if not chunk:
            return text(start_response, total)
        total += len(chunk)


def echo(environ, start_response):
    return text(start_response, environ["wsgi.input"].read().decode())


def lines(environ, start_response):
    return text(start_response, [line.decode() for line in environ["wsgi.input"]])


def stream(environ, start_response):
    """The second part exists only after somebody has seen the first."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"first "
    wait_for("first-was-seen")
    yield b"second"


def hold(environ, start_response):
    reached("holding")
    wait_for("release")
    return text(start_response, "released")


def note(environ, start_response):
    reached("noted")
    return text(start_response, "noted")


def sleep(environ, start_response):
    time.sleep(60)


def sleep_inside_body(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"first"
    time.sleep(60)


def stubborn(environ, start_response):
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass


def deadlock(environ, start_response):
    """A C call that no signal interrupts; other threads run meanwhile."""
    lock_twice(ctypes.CDLL(None))


def hold_interpreter(environ, start_response):
    """The same, but nothing else runs in this interpreter."""
    lock_twice(ctypes.PyDLL(None))


def lock_twice(libc):
    mutex = ctypes.create_string_buffer(128)
    libc.pthread_mutex_lock(mutex)
    libc.pthread_mutex_lock(mutex)


def fail(environ, start_response):
    raise LookupError("the sky is missing")


def fail_inside_body(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"first"
    raise LookupError("the sky is missing")


def leave(environ, start_response):
    raise SystemExit(3)


def split_header(environ, start_response):
    start_response("200 OK", [("Location", "/\r\nSet-Cookie: stolen=1")])
    return [b""]


def write(environ, start_response):
    send = start_response("200 OK", [("Content-Type", "text/plain")])
    send(b"one ")
    send(b"two")
    return []


def without_collector(environ, start_response):
    gc.collect()
    gc.disable()
    return text(start_response, "")


def bodies(environ, start_response):
    """How many requests whose body came after its head are still in memory."""
    return text(start_response, sum(type(one).__name__ == "_Body" for one in gc.get_objects()))


def log_later(environ, start_response):
    def speak():
        wait_for("speak")
        logging.warning("spoken for %s", os.environ["MFSERV_CURRENT_REQUEST_ID"] or "nobody")
        reached("spoken")

    threading.Thread(target=speak).start()
    return text(start_response, "")


HANDLERS = {
    "/die": die,
    "/without-collector": without_collector,
    "/bodies": bodies,
    "/log-later": log_later,
    "/environ": show_environ,
    "/a plugin/é": show_environ,
    "/pid": show_pid,
    "/request-id": show_request_id,
    "/count": count_body,
    "/echo": echo,
    "/lines": lines,
    "/stream": stream,
    "/hold": hold,
    "/note": note,
    "/sleep": sleep,
    "/sleep-inside-body": sleep_inside_body,
    "/stubborn": stubborn,
    "/deadlock": deadlock,
    "/hold-interpreter": hold_interpreter,
    "/fail": fail,
    "/fail-inside-body": fail_inside_body,
    "/leave": leave,
    "/split-header": split_header,
    "/write": write,
}
HANDLERS["/a plugin/é".encode().decode("latin-1")] = HANDLERS.pop("/a plugin/é")
