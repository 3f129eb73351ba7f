"""
What test/system/debug/trust.test.ts asks of the debugger of either Python, without a worker: argv is the directory of mfserv's
code and that of its packages, the answers are one JSON object. It runs on Python 2 and 3.
"""

from __future__ import print_function

import hashlib
import io
import json
import os
import re
import sys
import time

sys.path += sys.argv[1:3]
PIN = "123-456-789"
OWN = {"MFHOSTNAME": "dev", "MFHOSTNAME_FULL": "Dev.example.org", "MFSERV_DEBUG_HOSTS": "blog.localhost www.blog.test"}
os.environ.update(OWN, WERKZEUG_DEBUG_PIN=PIN, MFSERV_DEBUG_KEY="ab" * 32, MFSERV_CURRENT_PLUGIN_NAME="shop")


def fails(_environ, _start_response):
    price = 6 * 7
    raise ValueError(price)


if sys.version_info[0] == 2:
    from mfserv_python2.debug_access import may_debug
    from mfserv_python2.debugger import _debugger as open_debugger

    def allowed(host):
        return may_debug({"HTTP_X_MFSERV_DEBUG": "1", "HTTP_HOST": host})

else:
    from mfserv_debug.access import may_debug
    from mfserv_debug.debugger import Debugger as open_debugger

    def allowed(host):
        return may_debug("1", host)


def ask(debugger, query, cookie=""):
    """The body, and the cookie that it sets."""
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": "/", "SCRIPT_NAME": "", "QUERY_STRING": query, "HTTP_COOKIE": cookie,
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "HTTP_HOST": "localhost", "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO() if str is not bytes else io.BytesIO(),
        "wsgi.version": (1, 0), "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip
    told = []
    body = b"".join(debugger(environ, lambda _status, headers, *_: told.extend(headers))).decode("utf-8")
    set_cookie = [value.partition(";")[0] for name, value in told if name.lower() == "set-cookie"]
    return body, set_cookie[0] if set_cookie else ""


def found(pattern, text):
    return re.findall(pattern, text)[-1]


debugger = open_debugger(fails)
page, _ = ask(debugger, "")
about = "__debugger__=yes&s=%s&frm=%s" % (found(r'SECRET = "(\w+)"', page), found(r'id="frame-(\d+)"', page))


def evaluates(cookie):
    return "42001" in ask(debugger, about + "&cmd=price*1000%2B1", cookie)[0]


def enter(pin, cookie=""):
    body, set_cookie = ask(debugger, "%s&cmd=pinauth&pin=%s" % (about, pin), cookie)
    return json.loads(body), set_cookie


# As Werkzeug names and makes it, so that whoever tries all PINs finds the right one without being counted.
guessed = "%s|%s" % (int(time.time()), hashlib.sha1((PIN + " added salt").encode("utf-8")).hexdigest()[:12])
names = ["__wzd" + hashlib.sha256(("shop " + PIN).encode("utf-8")).hexdigest()[:20], debugger._pin_cookie]
answers = {
    "hosts": {host: allowed(host) for host in json.loads(sys.argv[3])},
    "trusts a cookie that was made of a guessed PIN": [evaluates("%s=%s" % (name, guessed)) for name in names],
}
entered, cookie = enter(PIN)
answers["entered"] = entered
answers["evaluates"] = evaluates(cookie)
answers["the next worker evaluates"] = "EVALEX_TRUSTED = true" in ask(open_debugger(fails), "", cookie)[0]
name, _, value = cookie.partition("=")
wrong = [value[:-1] + ("0" if value[-1] != "0" else "1"), "9" + value, "x", guessed]
answers["evaluates after a wrong cookie"] = [evaluates("%s=%s" % (name, one)) for one in wrong * 3]
answers["entered after many wrong cookies"] = enter(PIN)[0]
answers["evaluates after all"] = evaluates(cookie)
os.environ["MFSERV_DEBUG_KEY"] = "cd" * 32
elsewhere = open_debugger(fails)
answers["trusts a cookie of another key"] = "EVALEX_TRUSTED = true" in ask(elsewhere, "", "%s=%s" % (elsewhere._pin_cookie, value))[0]
answers["the name is that of another key"] = elsewhere._pin_cookie == name
another = open_debugger(fails)
secret = found(r'SECRET = "(\w+)"', ask(another, "")[0])
tried = [ask(another, "__debugger__=yes&s=%s&cmd=pinauth&pin=%s" % (secret, pin))[0] for pin in ["000-000-000"] * 10 + [PIN]]
answers["entered after ten wrong PINs"] = json.loads(tried[-1])
print(json.dumps(answers))
