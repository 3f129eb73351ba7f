"""What a client that may not debug reads in place of a page about the application's inside."""

from __future__ import annotations

import sys
from typing import Optional


def plain_text(status: int, content_type: str) -> Optional[bytes]:
    """None when the application's own answer may be shown."""
    tells = status == 500 or (status >= 400 and _is_of_django(content_type))
    return f"HTTP/{status}".encode("ascii") + (b" Internal Server Error" if status == 500 else b"") if tells else None


def _is_of_django(content_type: str) -> bool:
    """With DEBUG its pages for 400, 403 and 404 show settings, URLs and paths. They are HTML, or text for a script."""
    conf = sys.modules.get("django.conf")
    if conf is None or not conf.settings.configured or not conf.settings.DEBUG:
        return False
    return content_type.partition(";")[0].strip().lower() in ("text/html", "text/plain")
