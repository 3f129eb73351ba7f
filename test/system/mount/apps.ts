/** Applications as their frameworks' own guides write them: none of them knows of a prefix. */

const FLASK = `from flask import Flask, redirect, request, session, url_for

app = Flask(__name__)
app.secret_key = "x"

@app.route("/")
def index():
    if "name" not in session:
        return redirect(url_for("login", next=request.path))
    return {"root": request.script_root, "path": request.path, "url": request.url, "item": url_for("item", n=3, _external=True)}

@app.route("/login")
def login():
    session["name"] = "Zoe"
    style = url_for("static", filename="style.css")
    return f'<link href="{style}"><a href="{request.args["next"]}">'

@app.route("/item/<int:n>/")
def item(n):
    return {"n": n}

@app.route("/go")
def go():
    return redirect("/item/1/")

application = app
`

const DJANGO = `import os

HERE = os.path.dirname(__file__)
SECRET_KEY = "x"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "dj.urls"
STATIC_URL = "static/"
STATIC_ROOT = os.path.join(HERE, "static")
INSTALLED_APPS = ["django.contrib." + name for name in ("admin", "auth", "contenttypes", "sessions", "messages", "staticfiles")]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
PROCESSORS = ["template.context_processors.request", "contrib.auth.context_processors.auth", "contrib.messages.context_processors.messages"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django." + name for name in PROCESSORS]},
    }
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
`

const DJANGO_WSGI = `import os
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dj.settings")
application = get_wsgi_application()
`

const FASTAPI = `import warnings
from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import RedirectResponse

warnings.simplefilter("error")
app = FastAPI()

@app.get("/")
def root(request: Request):
    scope = request.scope
    return {"root": scope["root_path"], "path": scope["path"], "raw": scope["raw_path"].decode(), "url": str(request.url)}

@app.get("/items/{item_id:path}")
def item(item_id: str, request: Request):
    return {"item": item_id, "link": str(request.url_for("item", item_id="7"))}

@app.get("/list/")
def all_items():
    return []

@app.get("/go")
def go(request: Request):
    return RedirectResponse(request.url_for("all_items"))

@app.get("/hard")
def hard():
    return RedirectResponse("/docs")

@app.websocket("/ws")
async def ws(socket: WebSocket):
    await socket.accept()
    await socket.send_text(str(socket.url.path) + " " + await socket.receive_text())
    await socket.close()
`

/** The same with the prefix in it, as FastAPI's guide had it for a proxy, which it warns of today. */
const ROOTED = FASTAPI.replace('warnings.simplefilter("error")\n', '').replace('FastAPI()', 'FastAPI(root_path="/all/rooted")')

const TOLD = `import json

def application(environ, start_response):
    names = ("SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "REQUEST_URI", "RAW_URI")
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps([environ[name] for name in names]).encode("ascii")]
`

const AIOHTTP = `from aiohttp import web

async def index(request):
    answer = web.HTTPFound("/login")
    answer.set_cookie("a", "1")
    raise answer

async def login(request):
    return web.json_response([request.path_qs, request.headers.get("X-Forwarded-Prefix")])

app = web.Application()
app.add_routes([web.get("/", index), web.get("/login", login)])
`

const TORNADO = `import tornado.web

class Index(tornado.web.RequestHandler):
    def get(self):
        self.set_cookie("a", "1")
        self.redirect("/login")

class Login(tornado.web.RequestHandler):
    def get(self):
        self.write(f"{self.request.uri} {self.request.headers['X-Forwarded-Prefix']}")

app = tornado.web.Application([("/", Index), ("/login", Login)])
`

const EXPRESS = `const express = require('express')
const app = express()
app.get('/', (request, response) => response.cookie('sid', '1').redirect('/login'))
app.get('/login', (request, response) => response.json([request.originalUrl, request.get('X-Forwarded-Prefix')]))
app.use('/public', express.static(__dirname + '/files'))
app.listen(process.argv[2])
`

/** As Spring Boot with server.forward-headers-strategy=framework does: it puts the prefix in front of what it redirects to. */
const COMMAND = `import os, socket, socketserver, sys
from http.server import BaseHTTPRequestHandler

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.client_address = ("", 0)
        prefix = self.headers.get("X-Forwarded-Prefix", "")
        if self.path == "/":
            self.send_response(302)
            self.send_header("Location", f"http://{self.headers['Host']}{prefix}/login")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{self.path} {prefix}".encode())

socketserver.UnixStreamServer(sys.argv[1], Handler).serve_forever()
`

const PHP = `<?php
$base = dirname($_SERVER['SCRIPT_NAME']);
if ($_SERVER['QUERY_STRING'] === 'made') {
    header('Location: ' . $base . '/users');
    exit;
}
if ($_SERVER['REQUEST_URI'] === '/all/php/') {
    setcookie('seen', '1', ['path' => '/']);
    setcookie('deep', '2', ['path' => '/deep', 'httponly' => true]);
    header('Location: /users/7?x=/');
    exit;
}
header('Content-Type: application/json');
echo json_encode([$_SERVER['SCRIPT_NAME'], $_SERVER['REQUEST_URI'], $_SERVER['QUERY_STRING'], $_SERVER['HTTP_X_FORWARDED_PREFIX'] ?? null, getenv('HTTP_X_FORWARDED_PREFIX')]);
`

const FILES: Readonly<Record<string, string>> = {
  '.layerapi2_label': 'plugin_all@mfserv\n',
  '.layerapi2_dependencies': 'python3@mfserv\nnodejs@mfserv\nroot@mfserv\n',
  'python3_virtualenv_sources/requirements-to-freeze.txt': 'flask==3.1.3\ndjango==5.2.19\nfastapi==0.165.0\n',
  'package.json': '{ "private": true, "dependencies": { "express": "5.3.0" } }\n',
  'main/__init__.py': '',
  'main/wsgi.py': FLASK,
  'main/static/style.css': 'h1 { color: teal }\n',
  'dj/__init__.py': '',
  'dj/settings.py': DJANGO,
  'dj/wsgi.py': DJANGO_WSGI,
  'dj/urls.py':
    'from django.contrib import admin\nfrom django.urls import path\n\nurlpatterns = [path("admin/", admin.site.urls)]\n',
  'dj/static/robots.txt': '',
  'api/__init__.py': '',
  'api/application.py': FASTAPI,
  'rooted/__init__.py': '',
  'rooted/application.py': ROOTED,
  'gun/__init__.py': '',
  'gun/wsgi.py': TOLD,
  'told/__init__.py': '',
  'told/wsgi.py': TOLD,
  'aio/application.py': AIOHTTP,
  'tor/application.py': TORNADO,
  'express/server.js': EXPRESS,
  'cmd/server.py': COMMAND,
  'php/index.php': PHP,
}

const APPS: Readonly<Record<string, string>> = {
  main: 'type=python3_sync\nmain_arg=main.wsgi:application\nvirtualdomain_based_routing=1\nprefix_based_routing_extra_routes=/shortcut',
  dj: 'type=python3_sync\nmain_arg=dj.wsgi:application',
  api: 'type=python3_asgi\nmain_arg=api.application:app\nvirtualdomain_based_routing=1',
  rooted: 'type=python3_asgi\nmain_arg=rooted.application:app',
  gun: 'type=gunicorn3_sync\nmain_arg=gun.wsgi:application',
  told: 'type=python3_sync\nmain_arg=told.wsgi:application',
  aio: 'type=aiohttp\nmain_arg=aio/application.py',
  tor: 'type=python3_tornado\nmain_arg=tor/application.py',
  express: 'type=node\nmain_arg=server.js',
  cmd: 'type=command\nmain_arg=python3 cmd/server.py {unix_socket_path}',
  php: 'type=php',
  front: 'type=php\nfront_controller=index.php\ndirectory=php',
}

/** Python 2 has its own servers. */
const APPS_OF_PYTHON2: Readonly<Record<string, string>> = {
  told2: 'type=python2_sync\nmain_arg=told.wsgi:application',
  gun2: 'type=gunicorn2_sync\nmain_arg=gun.wsgi:application',
}

/** The files of the plugin, from its directory. */
export function filesOf(hasPython2: boolean): Readonly<Record<string, string>> {
  return { ...FILES, 'config.ini': configIni(hasPython2 ? { ...APPS, ...APPS_OF_PYTHON2 } : APPS) }
}

const PLAIN = `import socketserver, sys
from http.server import BaseHTTPRequestHandler

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.client_address = ("", 0)
        found = self.path in ("/", "/plain/slash/")
        self.send_response(200 if found else 302 if self.path == "/plain/slash" else 404)
        self.send_header("Location", "/plain/slash/")
        self.end_headers()
        self.wfile.write(b"front page" if found else b"")

socketserver.UnixStreamServer(sys.argv[1], Handler).serve_forever()
`

/** Apps that stand at /, and are led to in every way that there is. */
export const PLAIN_FILES: Readonly<Record<string, string>> = {
  '.layerapi2_label': 'plugin_plain@mfserv\n',
  'server.py': PLAIN,
  'config.ini': configIni(
    Object.fromEntries(
      [
        ['web', ''],
        ['root', 'prefix_based_routing_extra_routes=/'],
        ['host', 'prefix_based_routing=0\nvirtualdomain_based_routing=1\nvirtualdomain_based_routing_extra_vhosts=www.test'],
        ['slash', ''],
        ['none', 'prefix_based_routing=0\nprefix_based_routing_extra_routes=/x'],
      ].map(([name = '', keys = '']) => [name, `type=command\nmain_arg=python3 server.py {unix_socket_path}\n${keys}`]),
    ),
    0,
  ),
}

function configIni(apps: Readonly<Record<string, string>>, mount = 1): string {
  const general =
    '[general]\nversion=1.0\nsummary=Mounted apps\nlicense=none\nurl=http://localhost\nmaintainer=nobody <a@b>\nvendor=none\n'
  const sections = Object.entries(apps).map(([name, keys]) => `[app_${name}]\n${keys}\nworkers=1\nmount=${mount}\n`)
  return [general, ...sections].join('\n')
}
