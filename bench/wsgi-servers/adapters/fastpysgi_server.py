"""fastpysgi has no unix sockets, so its argument is a port."""

import sys

import fastpysgi
from application import app

fastpysgi.server.backlog = 2048
fastpysgi.run(app, "127.0.0.1", int(sys.argv[1]))
