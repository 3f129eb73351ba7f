"""A worker of the type gunicorn2_sync: gunicorn with one worker of its own."""

import math
import sys

from .application import LoadError, load_for
from .deadline import with_deadline

# A full backlog is a 502 at once. The system's own limit (net.core.somaxconn) is 4096 as a rule.
_BACKLOG = 4096
# The master ends a worker that is silent for so much longer than a request may take.
_EXTRA_SECONDS = 2


def serve(worker):
    """Until SIGTERM or SIGINT; ends the process. What a gunicorn.conf.py of the plugin says counts, except for our settings."""
    try:
        from gunicorn.app.wsgiapp import WSGIApplication
        from gunicorn.errors import AppImportError
    except ImportError as error:
        fix = "add gunicorn==19.10.0 to python2_virtualenv_sources/requirements-to-freeze.txt, or only run make"
        raise LoadError("gunicorn cannot be imported (%s): %s" % (error, fix))

    class Served(WSGIApplication):
        def load_config(self):
            WSGIApplication.load_config(self)
            for name, value in settings(worker).items():
                # A plugin may bring a gunicorn that has no such setting.
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self):
            try:
                return with_deadline(load_for(worker), worker.timeout)
            except LoadError as error:
                raise AppImportError("the application %s cannot be served: %s" % (worker.entry, error))

    sys.argv[:] = ["gunicorn", worker.entry]
    Served("%(prog)s [OPTIONS] [APP_MODULE]", prog="gunicorn").run()


def settings(worker):
    return {
        "bind": ["unix:%s" % worker.socket],
        "workers": 1,
        "worker_class": "sync",
        "backlog": _BACKLOG,
        "timeout": int(math.ceil(worker.timeout)) + _EXTRA_SECONDS if worker.timeout > 0 else 0,
        "graceful_timeout": max(1, int(worker.grace)),
        "loglevel": "debug" if worker.debug else "warning",
        # The others that it knows are no business of nginx, so a client could write them.
        "secure_scheme_headers": {"X-FORWARDED-PROTO": "https"},
        "daemon": False,
        "preload_app": False,
        "reload": False,
        "pidfile": None,
    }
