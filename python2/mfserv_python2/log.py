"""Lines on stderr in the format of the module's other logs."""

import logging
import os
import sys
import traceback
from datetime import datetime
from importlib import import_module


def log(level, message):
    """One record, written at once: `<UTC time>Z     [LEVEL] (mfserv.wsgi#<pid>) <message> {request_id=...}`."""
    _write(level, "mfserv.wsgi", message)


def write_logging(debug):
    """Sends the records of `logging` here, unless the application, which has been imported, sends them somewhere itself."""
    root = logging.getLogger()
    if debug:
        root.setLevel(logging.DEBUG)
    if not root.handlers:
        root.addHandler(_Handler())


class _Handler(logging.Handler):
    def emit(self, record):
        try:
            message = self.format(record)
            _write(record.levelname, record.name, message.encode("utf-8") if isinstance(message, unicode) else message)
        except Exception:
            self.handleError(record)


def _write(level, name, message):
    now = datetime.utcnow().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    first, newline, rest = message.partition("\n")
    request_id = os.environ.get("MFSERV_CURRENT_REQUEST_ID", "")
    context = " {request_id=%s}" % request_id if request_id else ""
    tag = "[%s]" % level
    sys.stderr.write("%s %10s (%s#%d) %s%s%s%s\n" % (now, tag, name, os.getpid(), first, context, newline, rest))
    sys.stderr.flush()


def log_exception(message, exc_info):
    """The message, then the traceback of `sys.exc_info()` without the frames of mfserv itself above the application's."""
    log("ERROR", "%s\n%s" % (message, application_traceback(exc_info)))


def application_traceback(exc_info):
    """The traceback from the first frame outside of this package on; the whole of it if there is none."""
    kind, error, first = exc_info
    here = os.path.dirname(os.path.abspath(__file__))
    frame = first
    while frame is not None and _is_ours(frame.tb_frame.f_code, here):
        frame = frame.tb_next
    return "".join(traceback.format_exception(kind, error, first if frame is None else frame)).rstrip("\n")


def _is_ours(code, here):
    return code is import_module.__code__ or os.path.dirname(os.path.abspath(code.co_filename)) == here
