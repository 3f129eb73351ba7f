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

test('the PHP of the original is known by its name', () => {
  const command = 'php_wrapper {plugin_name} {app_name} {unix_socket_path}'
  assert.deepEqual(recognise(command, NAMES), { type: 'php', entry: '' })
})

test('any other command is run as it stands, and none is an app of files', () => {
  for (const command of [
    'uvicorn --uds {unix_socket_path} {app_name}.application:app',
    'node {plugin_dir}/server.js {unix_socket_path}',
  ]) {
    assert.deepEqual(recognise(command, NAMES), { type: 'command', entry: command })
  }
  assert.deepEqual(recognise('  ', NAMES), { type: 'static', entry: '' })
})
