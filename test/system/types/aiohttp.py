"""What test/system/types/types.test.ts asks of an application; the last part of the path says what."""

import asyncio
import os

from aiohttp import web


async def handle(request):
    wanted = request.path.rpartition("/")[2]
    if wanted == "slow":
        await asyncio.sleep(30)
    if wanted == "fail":
        raise LookupError("the sky is missing")
    if wanted == "hold":
        open(os.environ["MFSERV_CURRENT_PLUGIN_DATA_DIR"] + "/inside", "w").close()
        while not os.path.exists(os.environ["MFSERV_CURRENT_PLUGIN_DATA_DIR"] + "/release"):
            await asyncio.sleep(0.01)
        return web.Response(text="released")
    if wanted == "size":
        return web.Response(text=str(len(await request.read())))
    if wanted == "ws":
        return await echo(request)
    return web.Response(text="edited")


async def echo(request):
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(message.data)
    return socket


app = web.Application(client_max_size=0)
app.router.add_route("*", "/{path:.*}", handle)
