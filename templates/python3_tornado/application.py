from tornado.web import Application, RequestHandler


class HelloHandler(RequestHandler):
    """Answers GET requests."""

    def get(self):
        self.write("Hello, world")


# mfserv serves this application; `main_arg` of config.ini names it.
app = Application([("/.*", HelloHandler)])
