"""What test/system/types/types.test.ts asks of an application; the last part of the path says what."""

import os
import time


def application(environ, start_response):
    body = answer(environ["PATH_INFO"].rpartition("/")[2], environ).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def answer(wanted, environ):
    if wanted == "slow":
        time.sleep(30)
    if wanted == "fail":
        raise LookupError("the sky is missing")
    if wanted == "hold":
        open(os.environ["MFSERV_CURRENT_PLUGIN_DATA_DIR"] + "/inside", "w").close()
        while not os.path.exists(os.environ["MFSERV_CURRENT_PLUGIN_DATA_DIR"] + "/release"):
            time.sleep(0.01)
        return "released"
    if wanted == "size":
        return str(len(environ["wsgi.input"].read()))
    return "edited"
