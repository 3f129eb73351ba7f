"""The debugger in the browser, for apps with debug=1. It is Werkzeug's: the plugin's own, or else the framework's 1.0.1."""

import hashlib
import io
import os
import socket
import sys

from .log import log, log_exception
from .printable import printable

_refused_hosts = set()


def debugged(application):
    """The application with the debugger for clients that may have it; without one, and a word in the log, where there is no Werkzeug."""
    try:
        debugger = _debugger(_logged(application))
    except ImportError as error:
        log("WARNING", "debug=1, but no debugger: %s" % error)
        return _guarded(application)
    guarded = _guarded(application)
    # Without the PIN: every user of the machine can read the log.
    plugin = os.environ.get("MFSERV_CURRENT_PLUGIN_NAME", "NAME")
    log("INFO", "debug=1: an exception opens the debugger in the browser, on this machine; the PIN: plugins.info %s" % plugin)

    def answer(environ, start_response):
        if _may_debug(environ):
            return _restartable(debugger, environ, start_response)
        return guarded(environ, start_response)

    return answer


def _debugger(application):
    from werkzeug.debug import DebuggedApplication
    from werkzeug.wrappers import BaseResponse

    class Debugger(DebuggedApplication):
        def paste_traceback(self, request, traceback):
            """Werkzeug would publish it on a site of others."""
            return BaseResponse("Not Found", status=404)

    # No console of its own URL: that belongs to the application.
    debugger = Debugger(application, evalex=True, console_path=None, pin_logging=False)
    # What `plugins.info` prints; absent outside of mfserv. Werkzeug's own variable, so that "off" cannot be meant for us.
    pin = os.environ.get("WERKZEUG_DEBUG_PIN", "")
    if pin.replace("-", "").isdigit():
        debugger.pin = pin
    # Werkzeug names its cookie after the module, which is the same in most plugins, and they share one host.
    name = "%s %s" % (os.environ.get("MFSERV_CURRENT_PLUGIN_NAME", ""), debugger.pin)
    debugger._pin_cookie = "__wzd%s" % hashlib.sha256(name).hexdigest()[:20]
    return debugger


def _may_debug(environ):
    """nginx knows the address of the client and says so in a header that no client can set."""
    if environ.get("HTTP_X_MFSERV_DEBUG") != "1":
        return False
    host = environ.get("HTTP_HOST", "")
    name = (host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]).lower()
    if _is_own_name(name):
        return True
    if name not in _refused_hosts and len(_refused_hosts) < 100:
        _refused_hosts.add(name)
        log("WARNING", 'no debugger under the name "%s": open the page by the IP address or the name of this machine' % printable(name))
    return False


def _is_own_name(name):
    """
    Not any name: somebody else's could be made to lead here (DNS rebinding), and a page of theirs would then read the
    debugger's in the browser of the developer.
    """
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, name)
            return True
        except socket.error:
            continue
    own = ["localhost"] + [os.environ.get(variable, "").lower() for variable in ("MFHOSTNAME", "MFHOSTNAME_FULL")]
    return any(name == known or name.endswith("." + known) for known in own if known)


def _restartable(debugger, environ, start_response):
    """Werkzeug starts its page as if nothing had been started, which fails when the application had called start_response."""
    state = {"started": False, "late": None}

    def start(status, headers, exc_info=None):
        again, state["started"] = state["started"], True
        try:
            return start_response(status, headers, exc_info or (sys.exc_info() if again else None))
        except Exception as error:
            state["late"] = error
            raise

    for chunk in debugger(environ, start):
        yield chunk
    if state["late"] is not None:
        # Part of the answer has left. An ordinary end would make the client think that it has all of it.
        raise state["late"]


def _logged(application):
    def answer(environ, start_response):
        __traceback_hide__ = True  # Werkzeug leaves this frame out.
        body = None
        try:
            body = application(environ, start_response)
            for chunk in body:
                yield chunk
        except Exception:
            log_exception("%s %s failed" % (environ["REQUEST_METHOD"], printable(environ["RAW_URI"])), sys.exc_info())
            # Werkzeug writes the same traceback here, in no format at all.
            environ["wsgi.errors"] = io.BytesIO()
            raise
        finally:
            if hasattr(body, "close"):
                body.close()

    return answer


def _guarded(application):
    """The application for everybody else: a page that tells about its inside is replaced by a plain one."""

    def answer(environ, start_response):
        instead = []

        def start(status, headers, exc_info=None):
            kind = next((value for name, value in headers if name.lower() == "content-type"), "")
            text = _plain_text(int(status[:3]), kind)
            if text is None:
                return start_response(status, headers, exc_info)
            instead[:] = [text]
            start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))], exc_info)
            return lambda _data: None

        body = application(environ, start)
        try:
            for chunk in body:
                if not instead:
                    yield chunk
            for chunk in instead:
                yield chunk
        finally:
            if hasattr(body, "close"):
                body.close()

    return answer


def _plain_text(status, content_type):
    """None when the application's own answer may be shown."""
    if status == 500:
        return "HTTP/500 Internal Server Error"
    return "HTTP/%d" % status if status >= 400 and _is_of_django(content_type) else None


def _is_of_django(content_type):
    """With DEBUG its pages for 400, 403 and 404 show settings, URLs and paths. They are HTML, or text for a script."""
    conf = sys.modules.get("django.conf")
    if conf is None or not conf.settings.configured or not conf.settings.DEBUG:
        return False
    return content_type.partition(";")[0].strip().lower() in ("text/html", "text/plain")
