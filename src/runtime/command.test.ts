import assert from 'node:assert/strict'
import test from 'node:test'
import type { App, Plugin } from '../plugin/plugin.ts'
import { command, isOnPort } from './command.ts'
import type { WorkerPlace } from './contract.ts'

test('every documented placeholder is filled in', () => {
  const line = 'serve {unix_socket_path} -t {timeout} {plugin_dir}/{plugin_name}/{app_name}'
  assert.deepEqual(argv(line), ['serve', '/run/my blog.sock', '-t', '60', '/srv/my plugins/blog/blog/web'])
})

test('a value with blanks or quotes stays within its word', () => {
  assert.deepEqual(argv('serve --at={unix_socket_path}'), ['serve', '--at=/run/my blog.sock'])
  assert.deepEqual(argv("serve 'dir {plugin_dir}'"), ['serve', 'dir /srv/my plugins/blog'])
})

test('a value that looks like a placeholder is not filled in again', () => {
  assert.deepEqual(argv('serve {unix_socket_path}', { socket: '{timeout}' }), ['serve', '{timeout}'])
})

test('the socket may stay a placeholder for whoever starts the worker', () => {
  assert.deepEqual(argv('serve {unix_socket_path}', { socket: '{unix_socket_path}' }), ['serve', '{unix_socket_path}'])
})

test('a placeholder that is empty leaves no word behind, while an empty word that was written stays', () => {
  assert.deepEqual(argv('serve {debug_extra_options} now'), ['serve', 'now'])
  assert.deepEqual(argv('serve --debug={debug_extra_options}'), ['serve', '--debug='])
  assert.deepEqual(argv('serve --prefix "" now'), ['serve', '--prefix', '', 'now'])
})

test('braces that are no placeholder are left as they are', () => {
  const line = 'serve {unknown} {} {TIMEOUT} {constructor} {toString} {__proto__} {'
  assert.deepEqual(argv(line), line.split(' '))
})

test('a program that is told a port keeps the place of it for what starts the program; one that is told a socket has no port', () => {
  assert.deepEqual(argv('serve --port={port} {timeout}'), ['serve', '--port={port}', '60'])
  const onPort = [
    'serve {port}',
    'env PORT={port} node server.js',
    'serve {unix_socket_path} {port}',
    'serve {unix_socket_path}',
    'serve',
  ]
  assert.deepEqual(
    onPort.map((line) => isOnPort('command', line)),
    [true, true, false, false, false],
  )
  assert.equal(isOnPort('node', '{port}'), false)
})

test('a program in Python or Node finds what MFSERV had for it; nothing is added to the environment of another', () => {
  const added = (line: string) => command.worker(appOf(line), BLOG, PLACE).env
  for (const line of ['python3 main/application.py', '/usr/bin/env python3.11 x.py', 'python x']) {
    assert.deepEqual(added(line), { PYTHONPATH: '/opt/mfserv/python/command-path' })
  }
  assert.deepEqual(added('node server.js'), { NODE_PATH: '/opt/mfserv/share/node-path' })
  for (const line of ['serve', 'uvicorn main:app', './python-server x', 'pythonic', '']) assert.deepEqual(added(line), {})
})

const PLACE: WorkerPlace = {
  socket: '/run/my blog.sock',
  timeout: 60,
  mfservHome: '/opt/mfserv',
  nodePath: '/opt/node',
  python3Path: '/opt/python3',
  pythonLibrary: '/opt/python',
}

const BLOG: Plugin = {
  name: 'blog',
  home: '/srv/my plugins/blog',
  dialect: 'later',
  version: '1.0.0',
  release: '1',
  summary: '',
  license: '',
  url: '',
  maintainer: '',
  vendor: '',
  apps: [],
  daemons: [],
  crontab: [],
  fragments: { http: undefined, server: undefined },
  addPluginDirToPythonPath: false,
  environment: {},
  extraEnv: {},
  dependencies: [],
}

function appOf(entry: string): App {
  return {
    name: 'web',
    where: { file: 'config.ini' },
    type: 'command',
    entry,
    nodeExtraOpts: '',
    workers: 1,
    timeout: 0,
    debug: false,
    maxAge: 0,
    startTimeout: 0,
    gracefulTimeout: 5,
    limits: { as: undefined, nofile: undefined, nproc: undefined, stack: undefined, core: undefined, fsize: undefined },
    routing: { prefix: true, mount: false, virtualDomain: false, extraVhosts: [], extraRoutes: [], static: undefined },
    fragments: { app: undefined, static: undefined },
    addAppDirToPythonPath: false,
    httpTest: undefined,
    gateway: 'proxy',
  }
}

function argv(line: string, place: Partial<WorkerPlace> = {}): readonly string[] {
  return command.worker(appOf(line), BLOG, { ...PLACE, ...place }).argv
}
