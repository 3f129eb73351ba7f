"""The debugger in the browser, for apps with debug=1. It is Werkzeug's: the plugin's own, or else the framework's 1.0.1."""

import binascii
import io
import os
import re
import sys

from .debug_access import may_debug
from .log import log, log_exception
from .printable import printable


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
        if may_debug(environ):
            return _restartable(debugger, environ, start_response)
        return guarded(environ, start_response)

    return answer


def _debugger(application):
    from werkzeug.debug import DebuggedApplication, tbtools
    from werkzeug.wrappers import BaseResponse

    from .debug_trust import Trust

    class Debugger(DebuggedApplication):
        """Werkzeug's own cookie can be made by trying PINs, and a wrong one is not counted where an expression is evaluated."""

        trust = None

        def check_pin_trust(self, environ):
            return self.trust.of(environ)

        def pin_auth(self, request):
            return self.trust.enter(request)

        def paste_traceback(self, request, traceback):
            """Werkzeug would publish it on a site of others."""
            return BaseResponse("Not Found", status=404)

    # Werkzeug names the output of a shell, which there is not.
    name = os.environ.get("MFSERV_CURRENT_PLUGIN_NAME", "")
    told = "The command <code>plugins.info %s</code> shows the PIN." % (name if re.match(r"[A-Za-z0-9_-]+$", name) else "NAME")
    tbtools.PAGE_HTML = re.sub(r"You can find the PIN printed out[^<.]*\.", told, tbtools.PAGE_HTML)
    # No console of its own URL: that belongs to the application.
    debugger = Debugger(application, evalex=True, console_path=None, pin_logging=False)
    # What `plugins.info` prints; absent outside of mfserv. Werkzeug's own variable, so that "off" cannot be meant for us.
    pin = os.environ.get("WERKZEUG_DEBUG_PIN", "")
    if pin.replace("-", "").isdigit():
        debugger.pin = pin
    # Without a PIN nobody is let in.
    debugger.trust = Trust(debugger.pin or binascii.hexlify(os.urandom(32)))
    debugger._pin_cookie = debugger.trust.cookie
    return debugger


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
