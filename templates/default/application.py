from aiohttp import web


async def handle(request):
    """Answer one GET request."""
    return web.Response(text="Hello World")


# mfserv serves this application; `main_arg` of config.ini names it. nginx bounds the size of what a client sends.
app = web.Application(client_max_size=0)
app.router.add_get("/{path:.*}", handle)
