"""What clients wrote, for a line of a log: no line break and no terminal sequence comes from them."""

from __future__ import annotations

import re

_OTHERS = re.compile(r"[^\x20-\x7e]")


def printable(text: str) -> str:
    """Everything but printable ASCII as `\\xNN`."""
    # Most of it is, and this is a tenth of the time.
    if text.isascii() and text.isprintable():
        return text
    return _OTHERS.sub(lambda found: rf"\x{ord(found.group()):02x}", text)
