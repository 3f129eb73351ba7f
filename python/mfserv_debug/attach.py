"""debugpy in a worker, for the debugger of an editor."""

from __future__ import annotations

import os
import sys
from typing import Any, Callable, Optional, Tuple

from mfserv_python.log import log

from .own_user import guard

_ADAPTER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "adapter.py")


def offer() -> Tuple[Optional[Callable[[Any], bool]], str]:
    """Listens on a free port of this machine, for its own user alone. What stops in a frame, and what to do to have it stop."""
    tools = os.path.join(os.environ.get("MFSERV_CURRENT_PLUGIN_DIR", ""), "local", "dev")
    if tools not in sys.path:
        sys.path.append(tools)
    try:
        import debugpy
        from debugpy.common import sockets
    except ImportError:
        return None, "write debugpy into requirements-dev.txt of the plugin, run make test there, and start the worker anew"
    try:
        guard(sockets)
        # The process that editors talk to is started with this, which looks at who connects as well.
        debugpy.configure(python=_ADAPTER, subProcess=False)
        host, port = debugpy.listen(("127.0.0.1", 0))
    except Exception as error:  # It must not keep the app from being served.
        log("WARNING", f"debug=1, but debugpy does not listen: {error}")
        return None, "look at why debugpy does not listen: a line above says it"
    log("INFO", f"debug=1: debugpy listens on {host}:{port}, for the user of mfserv alone")
    return _stop, f"attach the debugger of your editor to {host}:{port}"


def _stop(frame: Any) -> bool:
    import debugpy

    if not debugpy.is_client_connected():
        return False
    import pydevd

    pydevd.settrace(suspend=True, trace_only_current_thread=True, patch_multiprocessing=False, stop_at_frame=frame)
    return True
