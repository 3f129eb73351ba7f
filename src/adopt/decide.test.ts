import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appTree } from '../../test/support/app-tree.ts'
import { decide } from './decide.ts'

const FLASK = 'from flask import Flask\napp = Flask(__name__)\n'
const FASTAPI = 'from fastapi import FastAPI\napp = FastAPI()\n'
const pkg = (json: object): string => JSON.stringify(json)

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
