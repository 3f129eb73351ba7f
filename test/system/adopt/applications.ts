/** Small applications as the documentation of their frameworks has them, by the name of their directory. No line of them knows of mfserv. */
export interface Application {
  readonly files: Readonly<Record<string, string>>
  /** Paths below the URL of the plugin, and what the answer has to say. */
  readonly answers: Readonly<Record<string, RegExp>>
}

export const APPLICATIONS: Readonly<Record<string, Application>> = {
  'flask-blog': {
    files: {
      'requirements.txt': 'Flask==3.1.2\n',
      'flaskr/__init__.py': `from flask import Flask, redirect, render_template, session, url_for


def create_app(test_config=None):
    app = Flask(__name__)
    app.secret_key = "dev"

    @app.route("/")
    def index():
        return render_template("index.html", user=session.get("user", "nobody"))

    @app.route("/login")
    def login():
        session["user"] = "jane"
        return redirect(url_for("index"))

    return app
`,
      'flaskr/templates/index.html':
        '<link href="{{ url_for("static", filename="style.css") }}"><a href="{{ url_for("login") }}">{{ user }}</a>\n',
      'flaskr/static/style.css': 'body { color: navy }\n',
    },
    answers: {
      '/': /href="\/flask-blog\/static\/style\.css"><a href="\/flask-blog\/login">nobody/,
      '/static/style.css': /navy/,
      '/login': /nobody|jane/,
    },
  },
  'django-shop': {
    files: {
      'requirements.txt': 'Django>=5.2,<5.3\n',
      'manage.py': `#!/usr/bin/env python
import os
import sys


def main():
    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')
    from django.core.management import execute_from_command_line
    execute_from_command_line(sys.argv)


if __name__ == '__main__':
    main()
`,
      'shop/__init__.py': '',
      'shop/urls.py': `from django.contrib import admin
from django.urls import path

urlpatterns = [path('admin/', admin.site.urls)]
`,
      'shop/wsgi.py': `import os
from django.core.wsgi import get_wsgi_application

os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')
application = get_wsgi_application()
`,
      'shop/settings.py': `from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = 'django-insecure-of-a-test'
DEBUG = True
ALLOWED_HOSTS = []
INSTALLED_APPS = [
    'django.contrib.admin',
    'django.contrib.auth',
    'django.contrib.contenttypes',
    'django.contrib.sessions',
    'django.contrib.messages',
    'django.contrib.staticfiles',
]
MIDDLEWARE = [
    'django.contrib.sessions.middleware.SessionMiddleware',
    'django.middleware.common.CommonMiddleware',
    'django.middleware.csrf.CsrfViewMiddleware',
    'django.contrib.auth.middleware.AuthenticationMiddleware',
    'django.contrib.messages.middleware.MessageMiddleware',
]
ROOT_URLCONF = 'shop.urls'
TEMPLATES = [{
    'BACKEND': 'django.template.backends.django.DjangoTemplates',
    'APP_DIRS': True,
    'OPTIONS': {'context_processors': [
        'django.template.context_processors.request',
        'django.contrib.auth.context_processors.auth',
        'django.contrib.messages.context_processors.messages',
    ]},
}]
WSGI_APPLICATION = 'shop.wsgi.application'
DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': BASE_DIR / 'db.sqlite3'}}
STATIC_URL = 'static/'
`,
    },
    answers: {
      '/admin/login/': /href="\/django-shop\/static\/admin\/css\/base\.css"/,
      '/static/admin/css/base.css': /--primary/,
    },
  },
  'fastapi-api': {
    files: {
      'pyproject.toml': '[project]\nname = "api"\nversion = "0.1.0"\ndependencies = ["fastapi==0.121.1"]\n',
      'main.py': `from fastapi import FastAPI

app = FastAPI()


@app.get("/items/{item_id}")
def read_item(item_id: int):
    return {"item_id": item_id}
`,
    },
    answers: {
      '/docs': /url: '\/fastapi-api\/openapi\.json'/,
      '/openapi.json': /"\/items\/\{item_id\}"/,
      '/items/3': /\{"item_id":3\}/,
    },
  },
  'express-site': {
    files: {
      'package.json': JSON.stringify(
        { name: 'site', version: '1.0.0', scripts: { start: 'node app.js' }, dependencies: { express: '^5.3.0' } },
        null,
        2,
      ),
      'app.js': `const express = require('express')
const app = express()
const port = 3000

app.use(express.static('public'))
app.get('/', (req, res) => {
  res.send('Hello World!')
})
app.get('/old', (req, res) => {
  res.redirect('/')
})
app.listen(port, () => {
  console.log(\`Example app listening on port \${port}\`)
})
`,
      'public/robots.txt': 'User-agent: *\n',
    },
    answers: { '/': /^Hello World!$/, '/robots.txt': /User-agent/, '/old': /^Hello World!$/ },
  },
  'node-server': {
    files: {
      'server.mjs': `import { createServer } from 'node:http'

const server = createServer((req, res) => {
  res.writeHead(200, { 'Content-Type': 'text/plain' })
  res.end(\`Hello \${req.url}\`)
})
server.listen(3000, '127.0.0.1')
`,
    },
    answers: { '/a?b=1': /^Hello \/a\?b=1$/ },
  },
  'vite-pages': {
    files: {
      // A builder that takes the words of Vite, and needs no network.
      'package.json': JSON.stringify(
        { name: 'pages', scripts: { build: 'vite build' }, devDependencies: { vite: 'file:./builder' } },
        null,
        2,
      ),
      'builder/package.json': JSON.stringify({ name: 'vite', version: '7.0.0', bin: { vite: './vite.js' } }),
      'builder/vite.js': `#!/usr/bin/env node
const { mkdirSync, readFileSync, writeFileSync } = require('node:fs')
const base = process.argv.find((word) => word.startsWith('--base='))?.slice('--base='.length) ?? '/'
mkdirSync('dist/assets', { recursive: true })
writeFileSync('dist/index.html', readFileSync('index.html', 'utf8').replace('/src/main.js', base + 'assets/main.js'))
writeFileSync('dist/assets/main.js', readFileSync('src/main.js'))
`,
      'index.html': '<div id="app"></div><script type="module" src="/src/main.js"></script>\n',
      'src/main.js': 'document.querySelector("#app").textContent = location.pathname\n',
    },
    answers: {
      '/': /src="\/vite-pages\/assets\/main\.js"/,
      '/users/7': /src="\/vite-pages\/assets\/main\.js"/,
      '/assets/main.js': /pathname/,
    },
  },
  'php-site': {
    files: {
      'composer.json': JSON.stringify({ name: 'me/site', require: { php: '>=8.1' } }),
      'src/routes.php': '<?php return fn (string $path) => "route $path";\n',
      'public/index.php': `<?php
$routes = require __DIR__ . '/../src/routes.php';
$base = rtrim(dirname($_SERVER['SCRIPT_NAME']), '/');
echo $routes(substr(strtok($_SERVER['REQUEST_URI'], '?'), strlen($base)));
`,
      'public/style.css': 'body { color: teal }\n',
    },
    answers: { '/users/7?page=2': /^route \/users\/7$/, '/style.css': /teal/ },
  },
  'port-program': {
    files: {
      Procfile: 'web: python3 serve.py --port $PORT\nclock: sleep 1000\nrelease: ./migrate\n',
      Makefile: 'all:\n\ttouch made-by-the-application\n',
      'serve.py': `import argparse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, default=8000)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"program {self.path}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", parser.parse_args().port), Handler).serve_forever()
`,
    },
    answers: { '/x': /^program \/x$/ },
  },
  'plain-pages': {
    files: { 'index.html': '<a href="about.html">About</a>\n', 'about.html': 'About us\n', '.env': 'SECRET=1\n' },
    answers: { '/': /about\.html/, '/about.html': /About us/ },
  },
  'more-pages': {
    files: { 'public/index.html': '<a href="more.html">More</a>\n', 'public/more.html': 'More of it\n', 'notes.txt': 'ours\n' },
    answers: { '/': /more\.html/, '/more.html': /More of it/ },
  },
}
