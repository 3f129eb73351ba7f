import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Case, DJANGO, eachIsServed, FASTAPI, FLASK, pkg } from '../../test/support/adopt-fixture.ts'
import { appTree } from '../../test/support/app-tree.ts'
import { decide } from './decide.ts'

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

eachIsServed(OTHERS)

eachIsServed(Object.fromEntries(Object.entries(PROCFILES).map(([name, one]) => [`a Procfile with ${name}`, one])))

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
