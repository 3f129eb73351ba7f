"""What clients wrote, for a line of a log: no line break and no terminal sequence comes from them."""

from __future__ import annotations

import re

_OTHERS = re.compile(r"[^\x20-\x7e]")


def printable(text: str) -> str:
    """Everything but printable ASCII as `\\xNN`."""
    return _OTHERS.sub(lambda found: rf"\x{ord(found.group()):02x}", text)
