"""Workers that a server package runs: aiohttp, gunicorn, uvicorn, Tornado. Timeouts, request ids and stops are ours."""
