import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explainFailure, type FailedWorker } from './explain.ts'

const FAILED: FailedWorker = {
  owner: 'app main',
  type: 'python3_sync',
  home: '/p/my shop',
  reason: { kind: 'exited', exit: { code: 1, signal: null } },
  output: '',
  section: { file: '/p/my shop/config.ini', line: 9 },
  entry: { file: '/p/my shop/config.ini', line: 12 },
}

function place(failed: Partial<FailedWorker>): string {
  const { where } = explainFailure({ ...FAILED, ...failed })
  return `${where.file.replace('/p/my shop/', '')}:${where.line}`
}

function told(failed: Partial<FailedWorker>): string {
  const { message, fix } = explainFailure({ ...FAILED, ...failed })
  return `${message}\n${fix}`
}

test('the place of a failure is the innermost line of the plugin that a traceback or a stack names', () => {
  const python = `Traceback (most recent call last):
  File "/opt/mfserv/python/mfserv_wsgi.py", line 3, in <module>
  File "/p/my shop/main/wsgi.py", line 2, in <module>
    import other
  File "/p/my shop/main/other.py", line 7, in <module>
  File "/p/my shop/local/lib/python3.11/site-packages/x.py", line 70, in f
ValueError: no`
  assert.equal(place({ output: python }), 'main/other.py:7')
  const syntax = 'CRITICAL the application main.wsgi:app cannot be served: /p/my shop/main/wsgi.py:2: invalid syntax'
  assert.equal(place({ output: syntax }), 'main/wsgi.py:2')
  const node = `Error: no
    at f (/p/my shop/node_modules/x/index.js:3:5)
    at open (file:///p/my shop/main/lib.mjs:8:9)
    at main (/p/my shop/main/server.js:30:1)`
  assert.equal(place({ output: node }), 'main/lib.mjs:8')
  assert.equal(place({ output: 'no gas today' }), 'config.ini:9')
  assert.equal(place({ output: `/p/my shop/main/early.py:1: DeprecationWarning\n${python}` }), 'main/other.py:7')
  assert.equal(
    place({ output: python.replace('"/p/my shop/local', '"/p/my shop/main/last.py", line 9\n"/p/my shop/local') }),
    'main/last.py:9',
  )
})

test('a program that is not there, or may not be run, is told at the line of the command', () => {
  const absent = { output: 'prlimit: failed to execute serv: No such file or directory' }
  assert.equal(place(absent), 'config.ini:12')
  assert.match(
    told(absent),
    /^a worker of app main failed: there is no program serv in bin or on PATH\nCreate bin\/serv, or correct/,
  )
  const spawned = { reason: { kind: 'not-started', message: 'spawn bin/serve EACCES' } } as const
  assert.match(told(spawned), /the program bin\/serve may not be executed\nchmod \+x bin\/serve$/)
  const named = { reason: { kind: 'not-started', message: 'spawn bin/serve ENOENT' } } as const
  assert.match(told(named), /there is no program bin\/serve\nCreate bin\/serve, or correct/)
})

test('what a worker that ran wrote of another program is no fault of its own', () => {
  const written = { output: 'spawn convert ENOENT', reason: { kind: 'hung', afterMs: 62_000 } } as const
  assert.match(told(written), /^a worker of app main failed: it did not answer any more/)
})

test('a worker that could not be started for a reason of the machine is told at its section', () => {
  const failed = { reason: { kind: 'not-started', message: 'spawn EAGAIN' } } as const
  assert.equal(
    told(failed),
    'a worker of app main failed: it could not be started: spawn EAGAIN\nFix what its output tells, or its section there. A change of its files is tried at once.',
  )
  assert.equal(place(failed), 'config.ini:9')
})

test('a worker that says nothing is told what it has to do: stay, or listen', () => {
  const ended = { reason: { kind: 'exited', exit: { code: 0, signal: null } } } as const
  assert.match(told(ended), /it exited with code 0\nIt must not end by itself/)
  const late = { reason: { kind: 'not-ready', afterMs: 30_000 } } as const
  assert.match(
    told({ ...late, type: 'command' }),
    /within 30 s\nLet it answer HTTP where main_arg tells it: on the unix socket .*\{unix_socket_path\}, or on 127\.0\.0\.1 at the port .*\{port\}\./,
  )
  assert.match(told({ ...late, type: 'node' }), /gives its socket to the first server of node:http, .*argv\[2\] is its path/)
  assert.equal(place(late), 'config.ini:12')
  const longer = /If it only needs longer to start, write start_timeout = 60 below \[app_main\]\./
  assert.match(told(late), longer)
  const loading = { ...late, output: 'loading model from disk...' }
  assert.match(told(loading), longer)
  assert.match(told(loading), /within 30 s\nLook in its output what it waits for\. Find out/)
  assert.equal(place(loading), 'config.ini:9')
  const proposed = [100, 1250, 1600, 600_000].map((afterMs) =>
    Number(/start_timeout = (\d+)/.exec(told({ reason: { kind: 'not-ready', afterMs } }))?.[1]),
  )
  assert.deepEqual(proposed, [2, 3, 3, 1200])
  for (const type of ['python3_sync', undefined]) {
    assert.match(told({ ...late, type }), /within 30 s\nFind out what it waits for while it starts\.\n/)
  }
})

test('a package that Node misses is told with how to add it; a file of the plugin is not taken for one', () => {
  const missing = (name: string) => ({
    output: `Error: Cannot find module '${name}'\nRequire stack:\n- /p/my shop/main/server.js`,
  })
  assert.match(
    told(missing('zzz')),
    /The package "zzz" is not installed: add it to package\.json \("npm install zzz" does it\) and run make/,
  )
  assert.equal(place(missing('zzz')), 'config.ini:9')
  const named = "main/server.js:3\nError: Cannot find module 'zzz'"
  assert.equal(place({ output: `/p/my shop/${named}` }), 'main/server.js:3')
  assert.match(told(missing('@a/b/c')), /npm install @a\/b"/)
  assert.doesNotMatch(told(missing('./lib')), /npm install/)
  assert.doesNotMatch(told(missing('/p/my shop/x')), /npm install/)
})

test('of a worker that answered nothing any more it is said what may hold it up', () => {
  assert.match(
    told({ reason: { kind: 'hung', afterMs: 62_000 } }),
    /did not answer any more for 62 s.*\n.*lock.*endless loop.*timeout/,
  )
})

test('of a worker that had too much it is said which key allows more, in which section', () => {
  const over = { kind: 'over-limit', what: 'memory', of: 'worker', limit: 300 << 20, used: 312 << 20, outcome: 'killed' } as const
  assert.match(told({ reason: over }), /300 MB \(memory_max\)\n.*write a larger memory_max below \[app_main\]/)
  assert.match(told({ reason: { ...over, of: 'plugin' } }), /write a larger memory_max below \[general\]/)
  const forking = { ...over, what: 'tasks', limit: 20, used: 21 } as const
  assert.match(told({ reason: forking }), /write a larger tasks_max below \[app_main\].*starts and never ends/)
})

test('a worker that listens on a port of its own choice is told so, with the way to be reached that its type has', () => {
  const elsewhere = { reason: { kind: 'not-ready', afterMs: 60_000, listensOn: ['0.0.0.0:8080', '[::1]:9229'] } } as const
  const says = /within 60 s, and listens on 0\.0\.0\.0:8080 and \[::1\]:9229 instead\n/
  for (const type of ['command', 'node', 'python3_sync', undefined]) assert.match(told({ ...elsewhere, type }), says)
  assert.match(told({ ...elsewhere, type: 'command' }), /Write \{port\} there.*env PORT=\{port\}/)
  assert.match(told({ ...elsewhere, type: 'node' }), /type = command and main_arg = env PORT=\{port\} node FILE/)
  assert.match(told({ ...elsewhere, type: 'python3_sync', output: 'Running on http://127.0.0.1:8080' }), /app\.run\(\)/)
  assert.equal(place({ ...elsewhere, output: 'File "/p/my shop/main/wsgi.py", line 3, in f' }), 'config.ini:12')
})

test('a port that is taken is named, in the words of several languages', () => {
  const outputs = {
    9464: 'Error: listen EADDRINUSE: address already in use 127.0.0.1:9464\n    at x (/p/my shop/main/server.js:3:1)',
    9465: 'panic: listen tcp 127.0.0.1:9465: bind: address already in use',
    9466: 'Address already in use - bind(2) for "127.0.0.1" port 9466 (Errno::EADDRINUSE)',
    9467: "OSError: [Errno 98] error while attempting to bind on address ('127.0.0.1', 9467): address already in use",
  }
  for (const [port, output] of Object.entries(outputs)) {
    assert.match(
      told({ output }),
      new RegExp(`\\nPort ${port} is taken: by another program, by another worker of the app, or by the worker before`),
    )
    assert.equal(place({ output }), 'config.ini:12')
  }
  assert.match(told({ output: 'OSError: [Errno 98] Address already in use' }), /\nIts port is taken/)
  assert.match(told({ output: outputs[9465], type: 'command' }), /let it listen where main_arg tells it \(\{port\} is free/)
  assert.match(told({ output: outputs[9465], type: 'node' }), /let it take any that is free \(0\)/)
})

test('what a sandbox kept a worker from is told with the setting that would allow it', () => {
  const sandbox = 'home'
  const written = "OSError: [Errno 30] Read-only file system: '/srv/out/a.csv'"
  assert.match(
    told({ sandbox, output: written }),
    /sandbox \(home\) may keep \/srv\/out\/a\.csv from it.*at write, of \[sandbox\]/s,
  )
  assert.match(told({ sandbox, output: "Error: ENOENT: no such file or directory, open '/home/me/x'" }), /may keep \/home\/me\/x/)
  assert.doesNotMatch(told({ output: written }), /sandbox/)
  assert.doesNotMatch(told({ sandbox, output: "No such file or directory: '/p/my shop/x'" }), /sandbox/)
  const offline = 'PermissionError: [Errno 13] Permission denied'
  assert.match(told({ sandbox: 'strict', output: offline }), /leaves it no network.*at home of \[sandbox\]/s)
  assert.doesNotMatch(told({ sandbox, output: offline }), /network/)
  const absent = 'mfserv sandbox: failed to execute serv: No such file or directory'
  assert.match(told({ sandbox, output: absent }), /there is no program serv in bin or on PATH/)
})
