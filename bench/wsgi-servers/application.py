"""The application every server serves: `/` is the Hello World, the other paths make one behaviour visible."""

import os
import signal
import time

_running = 0
_most_running = 0


def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/":
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "12")])
        return [b"Hello World!"]
    return PATHS[path](environ, start_response)


def _text(start_response, text):
    body = str(text).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def _count(environ, start_response):
    total = 0
    while True:
        chunk = environ["wsgi.input"].read(65536)
        if not chunk:
            return _text(start_response, total)
        total += len(chunk)


def _stream(environ, start_response):
    """20 MB in 320 parts."""
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    for _ in range(320):
        yield b"x" * 65536


def _slow_stream(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"first"
    time.sleep(1)
    yield b"second"


def _alarm(environ, start_response):
    """What a soft timeout does: an alarm that raises, during a sleep that no Python code interrupts."""

    class Interrupted(BaseException):
        pass

    def interrupt(_signal, _frame):
        raise Interrupted()

    try:
        signal.signal(signal.SIGALRM, interrupt)
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        time.sleep(2)
        return _text(start_response, "not interrupted")
    except Interrupted:
        return _text(start_response, "interrupted")
    except ValueError:
        return _text(start_response, "not in the main thread")
    finally:
        try:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
        except ValueError:
            pass


def _half_second(environ, start_response):
    global _running, _most_running
    _running += 1
    _most_running = max(_running, _most_running)
    time.sleep(0.5)
    _running -= 1
    return _text(start_response, _most_running)


def _second(environ, start_response):
    """Tells by a file that it runs."""
    with open(os.environ["BENCH_MARK"], "w", encoding="ascii"):
        pass
    time.sleep(1)
    return _text(start_response, "finished")


PATHS = {
    "/count": _count,
    "/stream": _stream,
    "/slow-stream": _slow_stream,
    "/alarm": _alarm,
    "/half-second": _half_second,
    "/second": _second,
}
