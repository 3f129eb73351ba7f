from mfserv_become import become

become("aiohttp")
