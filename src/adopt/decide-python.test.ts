import { type Case, DJANGO, eachIsServed, FASTAPI, FLASK, pkg, SETTINGS } from '../../test/support/adopt-fixture.ts'

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

eachIsServed(PYTHON)
