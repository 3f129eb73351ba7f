"""Who has entered the PIN: wrong ones are counted, and the browser keeps a cookie that only who knows the key can make."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import time
from typing import Any, Optional

from werkzeug.http import parse_cookie
from werkzeug.wrappers import Response

from mfserv_python.log import log

# Of the wrong PINs and cookies. Whoever has the right cookie is not shut out.
_MOST_FAILURES = 10
_COOKIE_SECONDS = 60 * 60 * 24 * 7
_COOKIE = re.compile(r"([0-9]{1,12})\|([0-9a-f]{64})", re.ASCII)


class Trust:
    """Of the debugger of one worker."""

    def __init__(self, pin: str) -> None:
        self._pin = pin
        # Outside of mfserv there is none, and the cookie ends with the worker.
        key = os.environ.get("MFSERV_DEBUG_KEY", "").encode("ascii") or os.urandom(32)
        self._key = hmac.new(key, pin.encode("utf-8"), hashlib.sha256).digest()
        # Plugins share one host. The name tells nothing about the PIN.
        self.cookie = "__mfd" + hmac.new(self._key, b"name", hashlib.sha256).hexdigest()[:20]
        self._failures = 0

    def of(self, environ: Any) -> Optional[bool]:
        """Whether this client has entered the PIN; None for a cookie that is wrong, which counts like a wrong PIN."""
        value = parse_cookie(environ).get(self.cookie)
        if not value:
            return False
        found = _COOKIE.fullmatch(value)
        if found is None or not hmac.compare_digest(found[2], self._sign(found[1])):
            self._fail()
            return None
        return time.time() - _COOKIE_SECONDS < int(found[1])

    def enter(self, request: Any) -> Response:
        """The answer to the prompt of the page."""
        trusted = self.of(request.environ)
        exhausted = not trusted and self._failures >= _MOST_FAILURES
        if trusted is False and not exhausted:
            trusted = self._is_pin(request.args.get("pin", ""))
            if not trusted:
                self._fail()
        answer = Response(json.dumps({"auth": bool(trusted), "exhausted": exhausted}), mimetype="application/json")
        if trusted:
            since = str(int(time.time()))
            value = f"{since}|{self._sign(since)}"
            answer.set_cookie(self.cookie, value, httponly=True, samesite="Strict", secure=request.is_secure)
        elif trusted is None:
            answer.delete_cookie(self.cookie)
        return answer

    def _is_pin(self, entered: str) -> bool:
        return hmac.compare_digest(_digits(entered), _digits(self._pin))

    def _sign(self, since: str) -> str:
        return hmac.new(self._key, since.encode("ascii"), hashlib.sha256).hexdigest()

    def _fail(self) -> None:
        self._failures += 1
        if self._failures == _MOST_FAILURES:
            log("WARNING", "the debugger takes no PIN any more, after ten wrong ones: it does again when the worker is replaced (edit a file)")


def _digits(pin: str) -> bytes:
    return pin.strip().replace("-", "").encode("utf-8")
