"""What test/system/types/types.test.ts asks of an application; the last part of the path says what."""

import asyncio
import os


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        return
    wanted = scope["path"].rpartition("/")[2]
    if scope["type"] == "websocket":
        await echo(receive, send)
    else:
        body = (await answer(wanted, receive)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": body})


async def answer(wanted, receive):
    if wanted == "slow":
        await asyncio.sleep(30)
    if wanted == "fail":
        raise LookupError("the sky is missing")
    if wanted == "hold":
        open(os.environ["MFSERV_CURRENT_PLUGIN_DATA_DIR"] + "/inside", "w").close()
        while not os.path.exists(os.environ["MFSERV_CURRENT_PLUGIN_DATA_DIR"] + "/release"):
            await asyncio.sleep(0.01)
        return "released"
    if wanted == "size":
        return str(await size(receive))
    return "edited"


async def size(receive):
    total, more = 0, True
    while more:
        message = await receive()
        total, more = total + len(message.get("body", b"")), message.get("more_body", False)
    return total


async def echo(receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        await send({"type": "websocket.send", "text": message["text"]})
