"""
Stands where a plugin's Python looks last but for its own packages, and becomes mflog when somebody imports it: the one the
plugin has, or else mfserv's. So no package of mfserv is in front of one of the plugin's. Runs in Python 2 as well.
"""

import os
import sys

import mfserv_lend

# A module that is being imported may be replaced by another of its name; it only has to live until the import is over.
_this = sys.modules.pop("mflog")
_here = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [place for place in sys.path if os.path.abspath(place) != _here]
mfserv_lend.lend(("mflog", "structlog", "six", "typing_extensions"))
import mflog  # noqa: E402

mfserv_lend.adapt(mflog)
