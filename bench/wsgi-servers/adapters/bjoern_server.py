import sys

import bjoern
from application import app

bjoern.run(app, "unix:" + sys.argv[1], listen_backlog=2048)
