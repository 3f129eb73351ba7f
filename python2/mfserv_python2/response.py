"""One answer: status, headers and body of a WSGI application, framed as HTTP/1.1. It is the only one of its connection."""

from socket import error as SocketError

from .connection import ClientGone

# How the bytes are framed and how long a connection lives is the server's business (PEP 3333, "Other HTTP Features").
_HOP_BY_HOP = frozenset(
    ("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade")
)
# Above this, sending head and body one after the other is cheaper than copying them together.
_COPIED_BYTES = 64 * 1024


def refusal(status, text=""):
    """A whole answer of the server's own."""
    head = "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (status, len(text))
    return head + text


class Response(object):
    def __init__(self, accepted, request):
        # True from the first byte on: the status can no longer change.
        self.started = False
        self._socket = accepted
        self._http11 = request.environ["SERVER_PROTOCOL"] == "HTTP/1.1"
        self._is_head = request.environ["REQUEST_METHOD"] == "HEAD"
        self._status = None
        self._headers = []
        self._framing = "none"
        self._left = 0

    def start(self, status, headers, exc_info=None):
        """WSGI's start_response."""
        if exc_info is not None:
            try:
                if self.started:
                    raise exc_info[0], exc_info[1], exc_info[2]
            finally:
                exc_info = None
        elif self._status is not None:
            raise AssertionError("start_response was called a second time without exc_info")
        self._status = _native(status)
        self._headers = [(_native(name), _native(value)) for name, value in headers]
        return self._write

    def send(self, body):
        """Sends all of the application's iterable, in one piece if it is a list. Raises ClientGone."""
        if isinstance(body, (list, tuple)) and not self.started:
            self._send_whole(b"".join([_bytes(part) for part in body]))
            return
        for chunk in body:
            if chunk:
                self._write(chunk)
        if self.started:
            self._finish()
        else:
            self._send_whole(b"")

    def refuse(self, status, text):
        """Answers in place of the application. Only before anything was sent."""
        self.started = True
        self._transmit(refusal(status, "" if self._is_head else text))

    def _send_whole(self, body):
        self._send_first(self._head(len(body)), body)
        self._finish()

    def _write(self, data):
        _bytes(data)
        if self.started:
            self._transmit(self._framed(data))
        else:
            self._send_first(self._head(None), data)

    def _send_first(self, head, data):
        framed = self._framed(data)
        if len(framed) <= _COPIED_BYTES:
            head, framed = head + framed, b""
        self.started = True
        self._transmit(head)
        if framed:
            self._transmit(framed)

    def _head(self, length):
        """The head, ended; decides the framing. `length`: of the whole body, None if it comes in parts."""
        status = self._status
        if status is None:
            raise AssertionError("the application returned its body before it called start_response")
        lines = ["HTTP/1.1 %s" % status]
        declared = None
        for name, value in self._headers:
            lower = name.lower()
            if lower in _HOP_BY_HOP:
                continue
            if lower == "content-length":
                declared = int(value)
            lines.append("%s: %s" % (name, value))
        framing_line = self._frame(status, declared, length)
        if framing_line:
            lines.append(framing_line)
        lines.append("Connection: close")
        text = "\r\n".join(lines)
        if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1:
            raise ValueError("the status or a header of the answer has a line break in it")
        return text + "\r\n\r\n"

    def _frame(self, status, declared, length):
        """Decides how the body is delimited; returns the header line that says so, if the application wrote none."""
        if status[:3] in ("204", "304") or status[0] == "1":
            self._framing = "none"
            return ""
        if self._is_head:
            self._framing = "none"
            # An application that leaves the body out knows a length that we do not.
            return "Content-Length: %d" % length if length and declared is None else ""
        if declared is None and length is None:
            self._framing = "chunked" if self._http11 else "close"
            return "Transfer-Encoding: chunked" if self._http11 else ""
        self._framing = "length"
        self._left = declared if declared is not None else length
        return "Content-Length: %d" % length if declared is None else ""

    def _framed(self, data):
        if self._framing == "length":
            data = data[: self._left]
            self._left -= len(data)
            return data
        if self._framing == "chunked":
            return b"%x\r\n%s\r\n" % (len(data), data)
        return data if self._framing == "close" else b""

    def _finish(self):
        if self._framing == "chunked":
            self._transmit(b"0\r\n\r\n")

    def _transmit(self, data):
        try:
            self._socket.sendall(data)
        except SocketError as error:
            raise ClientGone("the client did not wait for the answer: %s" % error)


def _native(text):
    """Modules with `unicode_literals` give unicode where WSGI wants str."""
    if isinstance(text, unicode):
        return text.encode("latin-1")
    if not isinstance(text, str):
        raise TypeError("the status and the headers of an answer are str, not %s" % type(text).__name__)
    return text


def _bytes(data):
    if not isinstance(data, str):
        raise TypeError("the body of an answer is made of str, not %s: encode it" % type(data).__name__)
    return data
