"""What test/system/types/types.test.ts asks of an application; the last part of the path says what."""

import asyncio
import os

from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler


class Handler(RequestHandler):
    async def get(self, wanted):
        if wanted == "slow":
            await asyncio.sleep(30)
        if wanted == "fail":
            raise LookupError("the sky is missing")
        if wanted == "hold":
            open(os.environ["MFSERV_CURRENT_PLUGIN_DATA_DIR"] + "/inside", "w").close()
            while not os.path.exists(os.environ["MFSERV_CURRENT_PLUGIN_DATA_DIR"] + "/release"):
                await asyncio.sleep(0.01)
            self.finish("released")
            return
        self.finish("edited")

    def post(self, _wanted):
        self.finish(str(len(self.request.body)))


class EchoHandler(WebSocketHandler):
    def on_message(self, message):
        self.write_message(message)


app = Application([("/.*/ws", EchoHandler), ("/(?:.*/)?([^/]*)", Handler)])
