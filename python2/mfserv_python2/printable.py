"""What clients wrote, for a line of a log: no line break and no terminal sequence comes from them."""

import re

_OTHERS = re.compile(r"[^\x20-\x7e]")


def printable(text):
    """Everything but printable ASCII as `\\xNN`."""
    return _OTHERS.sub(lambda found: r"\x%02x" % ord(found.group()), text)
