"""Werkzeug's debugger as an app of a plugin needs it. Works with every Werkzeug since 2.0."""

from __future__ import annotations

import os
import re
import secrets
from typing import Any, Optional

from werkzeug.debug import DebuggedApplication, tbtools

from mfserv_python.log import log

from .trust import Trust


class Debugger(DebuggedApplication):
    """A WSGI application around another one. Only requests of clients that may debug are given to it."""

    def __init__(self, application: Any) -> None:
        # No console of its own URL: that belongs to the application.
        super().__init__(application, evalex=True, console_path=None, pin_logging=False)  # type: ignore[arg-type]
        _say_where_the_pin_is()
        pin = pin_of_plugin()
        if pin:
            self.pin = pin
        # Werkzeug's own cookie can be made by trying PINs, and a wrong one is not counted where an expression is evaluated.
        # Without a PIN nobody is let in.
        self._trust = Trust(self.pin or secrets.token_hex())
        self._pin_cookie = self._trust.cookie

    def check_host_trust(self, environ: Any) -> bool:
        """`access.may_debug` has decided already, for names that Werkzeug does not know as well."""
        return True

    def check_pin_trust(self, environ: Any) -> Optional[bool]:
        return self._trust.of(environ)

    def pin_auth(self, request: Any) -> Any:
        return self._trust.enter(request)


def pin_of_plugin() -> str:
    """What `plugins.info` prints; empty outside of mfserv. Werkzeug's own variable, so that "off" cannot be meant for us."""
    pin = os.environ.get("WERKZEUG_DEBUG_PIN", "")
    return pin if pin.replace("-", "").isdecimal() else ""


def _say_where_the_pin_is() -> None:
    """On the page that asks for it. Werkzeug names the output of a shell, which there is not."""
    page = getattr(tbtools, "PAGE_HTML", None)
    if isinstance(page, str):
        told = f"The command <code>plugins.info {_plugin_name()}</code> shows the PIN."
        tbtools.PAGE_HTML = re.sub(r"You can find the PIN printed out[^<.]*\.", told, page)  # type: ignore[misc]


def _plugin_name() -> str:
    name = os.environ.get("MFSERV_CURRENT_PLUGIN_NAME", "NAME")
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else "NAME"


def log_debugger() -> None:
    """Says that it is there, without the PIN: every user of the machine can read the log."""
    log("INFO", f"debug=1: an exception opens the debugger in the browser, on this machine; the PIN: plugins.info {_plugin_name()}")
