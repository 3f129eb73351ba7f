import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recognise } from './command-line.ts'

const NAMES = { app_name: 'main', plugin_name: 'blog', plugin_dir: '/plugins/blog' }

test('the WSGI server of the original is known by its name, however it is called', () => {
  const commands = [
    'bjoern_wrapper.py --timeout={timeout} {app_name}.wsgi:application "{unix_socket_path}"',
    'bjoern_wrapper.py {debug_extra_options} --timeout={timeout} main.wsgi:application {unix_socket_path}',
    'python3 {plugin_dir}/bin/bjoern_wrapper.py main.wsgi:application {unix_socket_path}',
    '/usr/bin/env python3.13 bjoern_wrapper.py main.wsgi:application {unix_socket_path}',
    '{python3} -u bjoern_wrapper main.wsgi:application {unix_socket_path}',
  ]
  for (const command of commands) {
    assert.deepEqual(recognise(command, NAMES), { type: 'python3_sync', entry: 'main.wsgi:application' }, command)
  }
  assert.deepEqual(recognise('bjoern_wrapper.py {plugin_name}.wsgi:app {unix_socket_path}', NAMES).entry, 'blog.wsgi:app')
})

test('the first word that can be an application is what the server serves; without one it serves nothing', () => {
  const entry = (words: string) => recognise(`bjoern_wrapper.py ${words}`, NAMES).entry
  assert.equal(entry('--timeout=5 main.wsgi:app other.wsgi:app'), 'main.wsgi:app')
  assert.equal(entry('main/wsgi.py 1:2 a: :b a-b:c'), '')
})

test('the PHP of the original is known by its name', () => {
  const command = 'php_wrapper {plugin_name} {app_name} {unix_socket_path}'
  assert.deepEqual(recognise(command, NAMES), { type: 'php', entry: '' })
  assert.equal(recognise('/opt/bin/php_wrapper a', NAMES).type, 'php')
  assert.equal(recognise('{venv}/bin/python3 bjoern_wrapper.py a:b', NAMES).type, 'python3_sync')
  for (const other of ['php_wrapper.py', 'my_php_wrapper', 'bjoern_wrapper.pyc', 'pythonic bjoern_wrapper.py']) {
    assert.equal(recognise(other, NAMES).type, 'command', other)
  }
})

test('any other command is run as it stands, and none is an app of files', () => {
  for (const command of [
    'uvicorn --uds {unix_socket_path} {app_name}.application:app',
    'node {plugin_dir}/server.js {unix_socket_path}',
    'serve {constructor} {toString}',
    'python3 --version',
    'env',
    '-x',
  ]) {
    assert.deepEqual(recognise(command, NAMES), { type: 'command', entry: command })
  }
  assert.deepEqual(recognise('  ', NAMES), { type: 'static', entry: '' })
})
