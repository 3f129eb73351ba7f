#!/usr/bin/env python3
"""What debugpy starts for the debuggers of editors, in place of a Python: its own adapter, for its own user alone."""

from __future__ import annotations

import os
import runpy
import sys

from own_user import guard


def main() -> None:
    adapter = sys.argv[1]
    sys.argv = sys.argv[1:]
    sys.path[0] = os.path.dirname(os.path.dirname(adapter))
    from debugpy.common import sockets

    guard(sockets)
    runpy.run_path(adapter, run_name="__main__")


if __name__ == "__main__":
    main()
