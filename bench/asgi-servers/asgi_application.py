"""What every server is asked to serve: the paths that the checks of bench/wsgi-servers ask for, and a websocket that echoes."""

import asyncio
import os


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "websocket":
        await echo(receive, send)
    else:
        await PATHS.get(scope["path"], hello)(receive, send)


async def lifespan(receive, send):
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def echo(receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        await send({"type": "websocket.send", "text": message["text"]})


async def hello(_receive, send):
    await answer(send, b"Hello World!")


async def count(receive, send):
    total, more = 0, True
    while more:
        message = await receive()
        total += len(message.get("body", b""))
        more = message.get("more_body", False)
    await answer(send, str(total).encode())


async def second(_receive, send):
    with open(os.environ["BENCH_MARK"], "w", encoding="ascii"):
        await asyncio.sleep(1)
    await answer(send, b"finished")


async def stream(_receive, send):
    await parts(send, [b"x" * 65536] * 320, 0)


async def slow_stream(_receive, send):
    await parts(send, [b"first", b"second"], 1)


async def parts(send, chunks, pause):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    for chunk in chunks:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await asyncio.sleep(pause)
    await send({"type": "http.response.body", "body": b""})


async def answer(send, body):
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


PATHS = {"/count": count, "/second": second, "/stream": stream, "/slow-stream": slow_stream}
