from mfserv_become import become

become("aiohttp_metwork_middlewares")
