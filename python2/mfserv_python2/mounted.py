"""A WSGI application that is served below a prefix and stands at / for itself.

nginx has cut the prefix off, and names it in X-Forwarded-Prefix; what a client writes into that header never comes here.
"""


def mounted(application, prefixes):
    """`prefixes`: those that there are, joined by colons. On virtual hosts and at extra routes there is none."""
    if not prefixes:
        return application
    known = frozenset(prefixes.split(":"))

    def answer(environ, start_response):
        prefix = environ.get("HTTP_X_FORWARDED_PREFIX")
        if prefix in known:
            environ["SCRIPT_NAME"] = prefix
            # The URL that the client asked for.
            environ["REQUEST_URI"] = environ["RAW_URI"] = prefix + environ["RAW_URI"]
        return application(environ, start_response)

    return answer
