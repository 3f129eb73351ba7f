import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appTree } from '../../test/support/app-tree.ts'
import { decide } from './decide.ts'

interface Case {
  readonly files: Readonly<Record<string, string>>
  readonly type?: string
  /** The kind, the type, and what of the keys the case is about. */
  readonly is: readonly [kind: string, type: string, keys: Readonly<Record<string, string>>]
  readonly build?: readonly string[]
  readonly makes?: readonly string[]
  readonly notes?: RegExp
}

const FLASK = 'from flask import Flask\napp = Flask(__name__)\n'
const FASTAPI = 'from fastapi import FastAPI\napp = FastAPI()\n'
const MANAGE = "import os\ndef main():\n    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n"
const SETTINGS =
  "ALLOWED_HOSTS = []\nINSTALLED_APPS = [\n    'django.contrib.staticfiles',\n]\nWSGI_APPLICATION = 'shop.wsgi.application'\nSTATIC_URL = 'static/'\n"
const DJANGO = {
  'manage.py': MANAGE,
  'shop/settings.py': SETTINGS,
  'shop/wsgi.py': 'application = get_wsgi_application()\n',
  'shop/asgi.py': 'application = get_asgi_application()\n',
  'requirements.txt': 'django\n',
}
const pkg = (json: object): string => JSON.stringify(json, null, 2)

const PYTHON: Readonly<Record<string, Case>> = {
  'a Flask app': {
    files: { 'app.py': FLASK, 'requirements.txt': 'flask\n' },
    is: ['flask', 'python3_sync', { main_arg: 'app:app', directory: '.', static_routing: '0' }],
    makes: [],
  },
  'Flask under another name, with its module written out': {
    files: { 'web.py': 'import flask\nserver: flask.Flask = flask.Flask("x")\n' },
    is: ['flask', 'python3_sync', { main_arg: 'web:server' }],
    makes: ['python3_virtualenv_sources/requirements-to-freeze.txt'],
    notes: /No file says which packages/,
  },
  'Flask with static files beside it': {
    files: { 'app.py': FLASK, 'static/a.css': '' },
    is: ['flask', 'python3_sync', { static_routing: '1', directory: '.' }],
  },
  'a Flask package with static files': {
    files: { 'blog/__init__.py': FLASK, 'blog/static/a.css': '' },
    is: ['flask', 'python3_sync', { main_arg: 'blog:app', static_routing: '1', directory: 'blog' }],
  },
  'Flask that serves its static files elsewhere': {
    files: { 'app.py': "from flask import Flask\napp = Flask(__name__, static_url_path='/s')\n", 'static/a.css': '' },
    is: ['flask', 'python3_sync', { static_routing: '0' }],
  },
  'a Flask factory': {
    files: {
      'flaskr/__init__.py':
        'from flask import Flask\ndef create_app(test_config=None):\n    app = Flask(__name__)\n    return app\n',
    },
    is: ['flask', 'python3_sync', { main_arg: 'mfserv_app:app' }],
    makes: ['mfserv_app.py', 'python3_virtualenv_sources/requirements-to-freeze.txt'],
  },
  'a factory that needs arguments': {
    files: { 'app.py': 'from flask import Flask\ndef create_app(config):\n    return Flask(config)\n' },
    is: ['flask', 'python3_sync', {}],
    notes: /create_app in app.py takes arguments/,
  },
  'a Flask app with a wsgi.py': {
    files: {
      'wsgi.py': 'from blog import create_app\napplication = create_app()\n',
      'blog/__init__.py': 'from flask import Flask\ndef create_app():\n    return Flask(__name__)\n',
    },
    is: ['flask', 'python3_sync', { main_arg: 'wsgi:application' }],
  },
  'a wsgi.py that imports the app': {
    files: { 'wsgi.py': 'from blog import app\n', 'blog.py': FLASK },
    is: ['flask', 'python3_sync', { main_arg: 'wsgi:app' }],
  },
  'sources below src': {
    files: { 'src/shop/app.py': FLASK, 'src/shop/__init__.py': '' },
    is: ['flask', 'python3_sync', { main_arg: 'shop.app:app', directory: 'src', add_app_dir_to_python_path: '1' }],
  },
  'a directory whose files import each other': {
    files: { 'backend/main.py': `import models\n${FASTAPI}`, 'backend/models.py': '' },
    is: ['fastapi', 'python3_asgi', { main_arg: 'main:app', directory: 'backend', add_app_dir_to_python_path: '1' }],
  },
  FastAPI: {
    files: { 'main.py': FASTAPI, 'pyproject.toml': '[project]\nname = "x"\nrequires-python = ">=3.11"\n' },
    is: ['fastapi', 'python3_asgi', { main_arg: 'main:app' }],
    makes: [],
  },
  Starlette: {
    files: { 'app.py': 'from starlette.applications import Starlette\napp = Starlette(routes=[])\n' },
    is: ['starlette', 'python3_asgi', { main_arg: 'app:app' }],
  },
  aiohttp: {
    files: { 'main.py': 'from aiohttp import web\napp = web.Application()\n' },
    is: ['aiohttp', 'aiohttp', { main_arg: 'main:app' }],
  },
  'an aiohttp factory': {
    files: { 'main.py': 'from aiohttp import web\nasync def init_app():\n    app = web.Application()\n    return app\n' },
    is: ['aiohttp', 'aiohttp', { main_arg: 'main:init_app' }],
  },
  Tornado: {
    files: { 'main.py': 'import tornado.web\ndef make_app():\n    return tornado.web.Application([])\n' },
    is: ['tornado', 'python3_tornado', { main_arg: 'mfserv_app:app' }],
  },
  Dash: {
    files: { 'app.py': 'from dash import Dash\napp = Dash(__name__)\n' },
    is: ['dash', 'python3_sync', { main_arg: 'mfserv_app:app' }],
  },
  'a wsgi.py of nothing known': {
    files: { 'wsgi.py': 'def application(environ, start_response):\n    pass\n' },
    is: ['wsgi', 'python3_sync', { main_arg: 'wsgi:application' }],
    makes: [],
  },
  'tests and examples do not count': {
    files: {
      'app.py': FASTAPI,
      'tests/app.py': FLASK,
      'examples/app.py': FLASK,
      'templates/flask/app.py': FLASK,
      'test_app.py': FLASK,
    },
    is: ['fastapi', 'python3_asgi', {}],
  },
  'two files with Flask': {
    files: { 'app.py': FLASK, 'admin.py': FLASK },
    is: ['flask', 'python3_sync', { main_arg: 'app:app' }],
    notes: /Flask is used in admin\.py too/,
  },
  'Poetry alone': {
    files: { 'app.py': FLASK, 'pyproject.toml': '[tool.poetry]\nname = "x"\n', 'poetry.lock': '' },
    is: ['flask', 'python3_sync', {}],
    notes: /poetry export -o requirements\.txt/,
  },
  Django: {
    files: DJANGO,
    is: [
      'django',
      'python3_sync',
      {
        main_arg: 'shop.wsgi:application',
        static_routing: '1',
        static_url_prefix: '/static',
        static_directory: '/static_collected',
      },
    ],
    build: ['python manage.py collectstatic --noinput --settings=mfserv_collectstatic'],
    makes: ['mfserv_collectstatic.py'],
    notes: /ALLOWED_HOSTS is empty/,
  },
  'Django that says where its static files go': {
    files: { ...DJANGO, 'shop/settings.py': `${SETTINGS}STATIC_ROOT = BASE_DIR / "assets"\n` },
    is: ['django', 'python3_sync', { static_directory: '/assets' }],
    build: ['python manage.py collectstatic --noinput'],
    makes: [],
  },
  'Django below a directory': {
    files: Object.fromEntries(
      Object.entries(DJANGO).map(([path, text]) => [path === 'requirements.txt' ? path : `site/${path}`, text]),
    ),
    is: ['django', 'python3_sync', { main_arg: 'shop.wsgi:application', directory: 'site', add_app_dir_to_python_path: '1' }],
  },
  'Django with channels': {
    files: {
      ...DJANGO,
      'requirements.txt': 'channels\n',
      'shop/settings.py': `${SETTINGS}ASGI_APPLICATION = 'shop.asgi.application'\n`,
    },
    is: ['django', 'python3_asgi', { main_arg: 'shop.asgi:application' }],
  },
  'Django beside a package.json for its pages': {
    files: { ...DJANGO, 'package.json': pkg({ scripts: { build: 'vite build' }, devDependencies: { vite: '8' } }) },
    is: ['django', 'python3_sync', {}],
    build: ['python manage.py collectstatic --noinput --settings=mfserv_collectstatic', 'npm run build'],
  },
}

const NODE: Readonly<Record<string, Case>> = {
  'Express with a start script': {
    files: {
      'package.json': pkg({ scripts: { start: 'node ./bin/www' }, dependencies: { express: '5' } }),
      'bin/www': '#!/usr/bin/env node\n',
    },
    is: ['express', 'node', { main_arg: 'bin/www', directory: '.', static_routing: '0' }],
    build: [],
  },
  'Express without one': {
    files: { 'package.json': pkg({ main: './app', dependencies: { express: '5' } }), 'app.js': 'app.listen(3000)' },
    is: ['express', 'node', { main_arg: 'app.js' }],
  },
  'options of node': {
    files: {
      'package.json': pkg({ scripts: { start: 'NODE_ENV=production node --enable-source-maps -r dotenv/config server.js' } }),
      'server.js': '',
    },
    is: ['node', 'node', { main_arg: 'server.js', node_extra_opts: '--enable-source-maps -r dotenv/config' }],
  },
  nodemon: {
    files: { 'package.json': pkg({ scripts: { start: 'nodemon server.js' } }), 'server.js': '' },
    is: ['node', 'node', { main_arg: 'server.js' }],
  },
  'TypeScript that is built': {
    files: {
      'package.json': pkg({ scripts: { start: 'node dist/index.js', build: 'tsc' }, dependencies: { fastify: '5' } }),
      'src/index.ts': '',
    },
    is: ['fastify', 'node', { main_arg: 'dist/index.js' }],
    build: ['npm run build'],
  },
  NestJS: {
    files: {
      'package.json': pkg({
        scripts: { start: 'nest start', 'start:prod': 'node dist/main', build: 'nest build' },
        dependencies: { '@nestjs/core': '11' },
      }),
    },
    is: ['nestjs', 'node', { main_arg: 'dist/main' }],
    build: ['npm run build'],
  },
  'a program of a package': {
    files: { 'package.json': pkg({ scripts: { start: 'json-server db.json' }, dependencies: { 'json-server': '0.17.4' } }) },
    is: ['node', 'command', { main_arg: 'json-server db.json --port {port}' }],
  },
  'a program with a port': {
    files: { 'package.json': pkg({ scripts: { start: 'thing -p 3000' } }) },
    is: ['node', 'command', { main_arg: 'thing -p {port}' }],
  },
  Vite: {
    files: {
      'package.json': pkg({ scripts: { dev: 'vite', build: 'vite build' }, devDependencies: { vite: '8' } }),
      'index.html': '',
    },
    is: ['vite', 'static', { directory: 'dist', fallback: 'index.html' }],
    build: ['npm run build -- --base=/{name}/'],
  },
  'Vite with a base and an output of its own': {
    files: {
      'package.json': pkg({ scripts: { build: 'vite build' }, devDependencies: { vite: '8' } }),
      'vite.config.js': "export default {\n  base: './',\n  build: {\n    outDir: './web/out',\n  },\n}\n",
    },
    is: ['vite', 'static', { directory: 'web/out' }],
    build: ['npm run build'],
  },
  'a server with pages that Vite builds': {
    files: {
      'package.json': pkg({
        scripts: { start: 'node server.js', build: 'vite build' },
        dependencies: { express: '5' },
        devDependencies: { vite: '8' },
      }),
      'server.js': 'app.listen(3000)',
    },
    is: ['express', 'node', { main_arg: 'server.js' }],
    build: ['npm run build'],
  },
  'Next standalone': {
    files: {
      'package.json': pkg({ scripts: { build: 'next build', start: 'next start' }, dependencies: { next: '16' } }),
      'next.config.mjs': "export default {\n  output: 'standalone',\n}\n",
      'public/a.png': '',
    },
    is: ['next', 'node', { main_arg: '.next/standalone/server.js' }],
    build: ['npm run build', 'cp -r .next/static .next/standalone/.next/', 'cp -r public .next/standalone/'],
  },
  Next: {
    files: { 'package.json': pkg({ scripts: { build: 'next build', start: 'next start' }, dependencies: { next: '16' } }) },
    is: ['nextjs', 'command', { main_arg: 'next start --port {port}' }],
    build: ['npm run build'],
  },
  Nuxt: {
    files: { 'package.json': pkg({ scripts: { build: 'nuxt build' }, dependencies: { nuxt: '4' } }) },
    is: ['nuxt', 'node', { main_arg: '.output/server/index.mjs' }],
    build: ['env NUXT_APP_BASE_URL=/{name}/ npm run build'],
  },
  'SvelteKit for Node': {
    files: {
      'package.json': pkg({
        scripts: { build: 'vite build' },
        devDependencies: { vite: '8', '@sveltejs/kit': '2', '@sveltejs/adapter-node': '5' },
      }),
    },
    is: ['sveltekit', 'node', { main_arg: 'build/index.js' }],
  },
  'SvelteKit as files': {
    files: {
      'package.json': pkg({
        scripts: { build: 'vite build' },
        devDependencies: { vite: '8', '@sveltejs/kit': '2', '@sveltejs/adapter-static': '3' },
      }),
    },
    is: ['sveltekit', 'static', { directory: 'build' }],
  },
  Astro: {
    files: { 'package.json': pkg({ scripts: { build: 'astro build' }, dependencies: { astro: '6' } }) },
    is: ['astro', 'static', { directory: 'dist' }],
    build: ['npm run build -- --base=/{name}/'],
  },
  'a server of one file': {
    files: { 'server.js': "const http = require('http')\nhttp.createServer(f).listen(3000)\n" },
    is: ['node', 'node', { main_arg: 'server.js' }],
  },
}

const OTHERS: Readonly<Record<string, Case>> = {
  'PHP files': {
    files: { 'index.php': '<?php' },
    is: ['php', 'php', { directory: '.', front_controller: 'index.php' }],
    notes: /only scripts are served/,
  },
  Laravel: {
    files: {
      artisan: '#!/usr/bin/env php\n',
      'public/index.php': '<?php',
      'composer.json': pkg({ require: { 'laravel/framework': '12' } }),
      'package.json': pkg({ scripts: { build: 'vite build' }, devDependencies: { vite: '8' } }),
    },
    is: ['laravel', 'php', { directory: 'public', front_controller: 'index.php' }],
    build: ['composer install --no-dev --no-interaction --optimize-autoloader', 'npm run build'],
  },
  Slim: {
    files: {
      'public/index.php': '<?php',
      'composer.json': pkg({ require: { 'slim/slim': '4' } }),
      'vendor/autoload.php': '<?php',
    },
    is: ['slim', 'php', { directory: 'public', front_controller: 'index.php' }],
    build: [],
  },
  WordPress: {
    files: { 'index.php': '<?php', 'wp-load.php': '<?php' },
    is: ['wordpress', 'php', { directory: '.', front_controller: 'index.php' }],
  },
  DokuWiki: {
    files: { 'index.php': '<?php', 'doku.php': '<?php', 'lib/exe/js.php': '' },
    is: ['dokuwiki', 'php', { directory: '.', front_controller: 'index.php' }],
  },
  'PHP with rules for its URLs': {
    files: { 'index.php': '<?php', '.htaccess': 'RewriteEngine On\nRewriteRule ^ index.php [L]\n' },
    is: ['php', 'php', { front_controller: 'index.php' }],
  },
  'Go with a variable': {
    files: { 'go.mod': 'module example.org/x\n', 'main.go': 'package main\nport := os.Getenv("PORT")\n' },
    is: ['go', 'command', { main_arg: 'env PORT={port} server' }],
    build: ['go build -o bin/server ./'],
  },
  'Go with an option': {
    files: { 'go.mod': 'module x\n', 'cmd/x/main.go': 'package main\nvar a = flag.String("listen-addr", ":8080", "")\n' },
    is: ['go', 'command', { main_arg: 'server -listen-addr 127.0.0.1:{port}' }],
    build: ['go build -o bin/server ./cmd/x'],
  },
  'Go with a port of its own': {
    files: { 'go.mod': 'module x\n', 'main.go': 'package main\nhttp.ListenAndServe(":8080", nil)\n' },
    is: ['go', 'command', {}],
    notes: /listens on :8080 whatever it is told \(main\.go:2\)/,
  },
  Rust: {
    files: { 'Cargo.toml': '[package]\nname = "hello-web"\n', 'src/main.rs': 'let p = std::env::var("PORT");\n' },
    is: ['rust', 'command', { main_arg: 'env PORT={port} ./target/release/hello-web' }],
    build: ['cargo build --release'],
  },
  'a jar': {
    files: { 'shop.jar': '' },
    is: ['java', 'command', { main_arg: 'env SERVER_PORT={port} QUARKUS_HTTP_PORT={port} PORT={port} java -jar shop.jar' }],
    build: [],
  },
  'Spring Boot': {
    files: {
      'pom.xml':
        '<project>\n  <parent>\n    <artifactId>spring-boot-starter-parent</artifactId>\n    <version>3.5.0</version>\n  </parent>\n  <artifactId>demo</artifactId>\n  <version>0.0.1-SNAPSHOT</version>\n</project>\n',
      mvnw: '#!/bin/sh\n',
    },
    is: [
      'spring',
      'command',
      { main_arg: 'env SERVER_PORT={port} QUARKUS_HTTP_PORT={port} PORT={port} java -jar target/demo-0.0.1-SNAPSHOT.jar' },
    ],
    build: ['./mvnw -q -DskipTests package'],
  },
  Sinatra: {
    files: { Gemfile: "gem 'sinatra'\ngem 'puma'\n", 'config.ru': 'run App\n' },
    is: ['sinatra', 'command', { main_arg: 'env BUNDLE_PATH=vendor/bundle bundle exec puma -b unix://{unix_socket_path}' }],
    build: ['env BUNDLE_PATH=vendor/bundle bundle install'],
  },
  'ASP.NET Core': {
    files: { 'Web.csproj': '<Project Sdk="Microsoft.NET.Sdk.Web">\n' },
    is: ['dotnet', 'command', { main_arg: 'dotnet out/Web.dll --urls http://127.0.0.1:{port}' }],
  },
  'a program': { files: { 'bin/server': '#!/bin/sh\n' }, is: ['program', 'command', { main_arg: 'env PORT={port} server' }] },
  pages: { files: { 'index.html': '<a href="b.html">' }, is: ['static', 'static', { directory: '.' }] },
  'pages in a directory': {
    files: { 'public/index.html': '', 'README.md': '' },
    is: ['static', 'static', { directory: 'public' }],
  },
  'pages with links to the root': {
    files: { 'index.html': '<script src="/a.js">' },
    is: ['static', 'static', {}],
    notes: /index\.html:1/,
  },
}

const PROCFILES: Readonly<Record<string, Case>> = {
  gunicorn: {
    files: { Procfile: 'web: gunicorn blog:app --workers 2\n', 'blog.py': FLASK },
    is: ['flask', 'python3_sync', { main_arg: 'blog:app' }],
  },
  'gunicorn without a callable': {
    files: { Procfile: 'web: gunicorn shop.wsgi --log-file -\n', ...DJANGO },
    is: ['django', 'python3_sync', { main_arg: 'shop.wsgi:application' }],
  },
  'gunicorn with a factory': {
    files: {
      Procfile: "web: gunicorn 'blog:create_app()'\n",
      'blog.py': 'from flask import Flask\ndef create_app():\n    return Flask(__name__)\n',
      'requirements.txt': '',
    },
    is: ['flask', 'python3_sync', { main_arg: 'mfserv_app:app' }],
    makes: ['mfserv_app.py'],
  },
  'gunicorn with the workers of uvicorn': {
    files: { Procfile: 'web: gunicorn -k uvicorn.workers.UvicornWorker main:app\n', 'main.py': FASTAPI },
    is: ['fastapi', 'python3_asgi', { main_arg: 'main:app' }],
  },
  uvicorn: {
    files: {
      Procfile: ['web: uvicorn main:api --host 0.0.0.0 --port $', '{PORT:-8000}\n'].join(''),
      'main.py': 'from fastapi import FastAPI\napi = FastAPI()\n',
    },
    is: ['fastapi', 'python3_asgi', { main_arg: 'main:api' }],
  },
  'a choice between frameworks': {
    files: { Procfile: 'web: uvicorn main:app --port $PORT\n', 'main.py': FASTAPI, 'old.py': FLASK },
    is: ['fastapi', 'python3_asgi', {}],
  },
  'npm start': {
    files: { Procfile: 'web: npm start\n', 'package.json': pkg({ scripts: { start: 'node server.js' } }), 'server.js': '' },
    is: ['node', 'node', { main_arg: 'server.js' }],
  },
  'a program with a port': {
    files: { Procfile: 'web: datasette data.db --host 127.0.0.1 --port $PORT\n', 'requirements.txt': 'datasette\n' },
    is: ['procfile', 'command', { main_arg: 'datasette data.db --host 127.0.0.1 --port {port}' }],
  },
  'a program without one': {
    files: { Procfile: 'web: A=1 ./serve me\n' },
    is: ['procfile', 'command', { main_arg: 'env PORT={port} A=1 ./serve me' }],
  },
  'a line for a shell': {
    files: { Procfile: 'web: ./a && ./b --port $PORT\n' },
    is: ['procfile', 'command', { main_arg: "env PORT={port} sh -c 'exec ./a && ./b --port $PORT'" }],
  },
}

for (const [about, { files, type, is, build, makes, notes }] of Object.entries({
  ...PYTHON,
  ...NODE,
  ...OTHERS,
  ...Object.fromEntries(Object.entries(PROCFILES).map(([name, one]) => [`a Procfile with ${name}`, one])),
})) {
  test(`${about} is served as it is`, () => {
    const decision = decide(appTree(files), type)
    assert.ok(decision.is === 'decided', JSON.stringify(decision))
    const { chosen } = decision
    assert.deepEqual([chosen.kind, chosen.type], is.slice(0, 2))
    assert.deepEqual(Object.fromEntries(Object.keys(is[2]).map((key) => [key, chosen.values[key]])), is[2])
    if (build !== undefined) assert.deepEqual(chosen.build, build)
    if (makes !== undefined)
      assert.deepEqual(
        chosen.files.map(({ path }) => path),
        makes,
      )
    if (notes !== undefined) assert.match(chosen.notes.join('\n'), notes)
    for (const { is: what, because } of chosen.facts) assert.ok(what !== '' && because !== '', JSON.stringify(chosen.facts))
  })
}

test('the other processes of a Procfile become daemons, and its release step is named', () => {
  const procfile =
    'web: gunicorn blog:app\nworker: celery -A blog worker\nclock: FOO=1 python clock.py\nmail: python mail.py $QUEUE\nrelease: flask db upgrade\n'
  const decision = decide(appTree({ Procfile: procfile, 'blog.py': FLASK }), undefined)
  assert.ok(decision.is === 'decided')
  assert.deepEqual(decision.daemons, [
    { name: 'worker', line: 'celery -A blog worker' },
    { name: 'clock', line: 'env FOO=1 python clock.py' },
    { name: 'mail', line: "sh -c 'exec python mail.py $QUEUE'" },
  ])
  assert.match(decision.chosen.notes.join('\n'), /Procfile:5 has a step for each release: "flask db upgrade"/)
})

test('two applications in one directory are named, and a person chooses', () => {
  const two = { 'app.py': FLASK, 'api.py': FASTAPI, 'index.html': '' }
  const open = decide(appTree(two), undefined)
  assert.ok(open.is === 'open')
  assert.deepEqual(
    open.among.map(({ kind }) => kind),
    ['flask', 'fastapi'],
  )
  for (const [wanted, kind] of Object.entries({
    flask: 'flask',
    fastapi: 'fastapi',
    python3_asgi: 'fastapi',
    static: 'static',
  })) {
    const decision = decide(appTree(two), wanted)
    assert.ok(decision.is === 'decided' && decision.chosen.kind === kind, wanted)
  }
  const other = decide(appTree(two), 'falsk')
  assert.ok(other.is === 'other type')
  assert.match(other.near, /"flask"/)
})

test('a server in Node beside one in PHP is no guess either', () => {
  const files = { 'package.json': pkg({ scripts: { start: 'node server.js' } }), 'server.js': '', 'index.php': '<?php' }
  const decision = decide(appTree(files), undefined)
  assert.deepEqual(decision.is === 'open' && decision.among.map(({ kind }) => kind), ['node', 'php'])
})

test('where there is nothing, directories with something are named', () => {
  const decision = decide(appTree({ 'README.md': '', 'server/app.py': FLASK, 'docs/x.md': '' }), undefined)
  // What is one directory down is found itself.
  assert.ok(decision.is === 'decided' && decision.chosen.values['main_arg'] === 'server.app:app')
  const nothing = decide(
    appTree({ 'README.md': '', 'web/package.json': pkg({ scripts: { start: 'node a.js' } }), 'web/a.js': '' }),
    undefined,
  )
  assert.deepEqual(nothing, { is: 'nothing', inside: [{ directory: 'web', framework: 'Node.js' }] })
  assert.deepEqual(decide(appTree({}), undefined), { is: 'nothing', inside: [] })
})
