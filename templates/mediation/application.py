"""Passes each request on to another server, and may change the request and the answer on the way."""

import os

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from yarl import URL

# Where the requests go: the key backend of [custom] in config.ini. An administrator may override it.
BACKEND = os.environ.get("MFSERV_CURRENT_PLUGIN_CUSTOM_BACKEND", "http://mybackend")
# The URL of this plugin: what stands behind it is asked of the backend.
PREFIX = "/" + os.environ.get("MFSERV_CURRENT_PLUGIN_NAME", "@@name@@")
METHODS = ("GET", "HEAD")
CHUNK_SIZE = 4096 * 1024
# They are about one connection, not about what is passed on (RFC 9110).
OF_CONNECTION = {
    "connection", "host", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding",
    "upgrade",
}


def change_request(headers):
    """What the backend is told. Change it as you like."""
    headers["X-Mediation"] = "@@name@@"
    return headers


def change_answer(headers):
    """What the client is told. Change it as you like."""
    headers["X-Mediation"] = "@@name@@"
    return headers


def backend_url(request):
    """The same path below the backend, without the prefix of this plugin."""
    path = request.raw_path
    if path.partition("?")[0] == PREFIX or path.startswith(PREFIX + "/"):
        path = path[len(PREFIX):]
    return URL(BACKEND.rstrip("/") + (path if path.startswith("/") else "/" + path), encoded=True)


def passed_on(headers):
    return {name: value for name, value in headers.items() if name.lower() not in OF_CONNECTION}


async def handle(request):
    if request.method not in METHODS:
        return web.Response(status=405, headers={"Allow": ", ".join(METHODS)})
    url = backend_url(request)
    headers = change_request(passed_on(request.headers))
    session = request.app[SESSION]
    try:
        async with session.request(request.method, url, headers=headers, allow_redirects=False) as answer:
            return await pass_back(request, answer)
    except (ClientError, TimeoutError) as error:
        return web.Response(status=502, text=f"The backend {BACKEND} does not answer: {error}\n")


async def pass_back(request, answer):
    """The answer in pieces, so that a large one is never in memory as a whole. Its body can be changed here."""
    response = web.StreamResponse(status=answer.status, headers=change_answer(passed_on(answer.headers)))
    await response.prepare(request)
    async for chunk in answer.content.iter_chunked(CHUNK_SIZE):
        await response.write(chunk)
    await response.write_eof()
    return response


SESSION = web.AppKey("session", ClientSession)


async def session_of(application):
    # The body goes through as it is, compressed or not. How long a request may take is the business of config.ini.
    async with ClientSession(auto_decompress=False, timeout=ClientTimeout(total=None, sock_connect=10)) as session:
        application[SESSION] = session
        yield


# mfserv serves this application; `main_arg` of config.ini names it. nginx bounds the size of what a client sends.
app = web.Application(client_max_size=0)
app.cleanup_ctx.append(session_of)
app.router.add_route("*", "/{path:.*}", handle)
