import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { environmentOf } from '../../../src/host/process/proc.ts'
import { CLONE, eventually, execute, type Ran } from '../world.ts'

/** Every process of a test carries it in its environment, so that a test finds what is left. */
const VARIABLE = 'CRONWRAP_TEST'

test('the exit code is that of the command, whatever it is', async (t) => {
  const { wrap } = start(t)
  for (const code of [0, 1, 12, 77, 255]) assert.equal((await wrap('--', 'sh', '-c', `exit ${code}`)).code, code)
  assert.equal((await wrap('--', 'sh', '-c', 'kill -KILL $$')).code, 137)
  assert.equal((await wrap('--', 'no-such-command', 'x')).code, 127)
  assert.equal((await wrap('no-such-command')).code, 127)
})

test('several words are run as they are, a single one is a command line', async (t) => {
  const { wrap } = start(t)
  assert.equal((await wrap('--', 'printf', '[%s]', 'a b', '$HOME', "it's", '*', '')).stdout, "[a b][$HOME][it's][*][]")
  assert.equal((await wrap('--', 'printf "[%s]" a b; exit 3')).stdout, '[a][b]')
  assert.equal((await wrap('echo', '-t', '1')).stdout, '-t 1\n')
})

test('the command reads the standard input', async (t) => {
  const { directory, environment } = start(t)
  const { stdout } = await execute(join(CLONE, 'bin/cronwrap'), ['--', 'cat'], {
    in: directory,
    env: environment,
    input: 'hello',
  })
  assert.equal(stdout, 'hello')
})

test('after the timeout nothing is left of what the command started, and the exit code is 12', async (t) => {
  const { wrap, left } = start(t)
  const command = `setsid sleep 1000 & (sleep 1001 &); env -i ${VARIABLE}=$${VARIABLE} sleep 1002 & trap '' TERM INT; echo begun; sleep 1003`
  const { code, stdout, stderr } = await wrap('--timeout', '2', '--', 'sh', '-c', command)
  assert.deepEqual([code, stdout, left()], [12, 'begun\n', []])
  assert.match(stderr, /^cronwrap: ended because it took more than the 2 s of --timeout: sh -c setsid sleep 1000/m)
})

test('a timeout of 0 is none, and what the command leaves behind after a good end may live', async (t) => {
  const { wrap, left, directory } = start(t)
  const { code } = await wrap('-t', '0', '--', 'sh', '-c', 'sleep 1000 >/dev/null 2>&1 & echo $! >pid')
  const pid = Number(readFileSync(join(directory, 'pid'), 'utf8'))
  assert.deepEqual([code, left()], [0, [pid]])
})

test('SIGTERM reaches the command and what it started; its exit code comes back', async (t) => {
  const { directory, environment, left, phase } = start(t)
  const words = ['--', 'sh', '-c', "trap 'exit 9' TERM; echo >begun; while :; do sleep 0.02; done"]
  const child = spawn(join(CLONE, 'bin/cronwrap'), words, { cwd: directory, env: { ...process.env, ...environment } })
  const exit = new Promise((resolve) => child.once('exit', (code, signal) => resolve([code, signal])))
  await phase('the command runs', () => (existsSync(join(directory, 'begun')) ? true : undefined))
  child.kill('SIGTERM')
  assert.deepEqual(await exit, [9, null])
  assert.deepEqual(left(), [])
})

test('with a lock the same command does not run twice, and another one does', async (t) => {
  const { wrap, directory, phase } = start(t)
  const command = ['--', 'sh', '-c', 'echo >begun; until [ -e release ]; do sleep 0.02; done']
  const first = wrap('--lock', ...command)
  await phase('the first runs', () => (existsSync(join(directory, 'begun')) ? true : undefined))
  const said = 'cronwrap: not run, because it still runs: '
  const second = await wrap('--lock', '--wait-for-lock-timeout=0', ...command)
  assert.deepEqual([second.code, second.stdout.startsWith(said), second.stderr], [0, true, ''])
  const third = await wrap('-l', '-w0', '-b', 'print_stderr', ...command)
  assert.deepEqual([third.code, third.stdout, third.stderr.startsWith(said)], [0, '', true])
  const fourth = await wrap('-l', '-w', '0', '--lock-timeout-behaviour', 'nothing', ...command)
  assert.deepEqual(fourth, { code: 0, stdout: '', stderr: '' })
  assert.equal((await wrap('-l', '-w', '0', '--', 'echo', 'another')).stdout, 'another\n')
  const waiting = wrap('--lock', '--wait-for-lock-timeout', '60', ...command)
  writeFileSync(join(directory, 'release'), '')
  assert.deepEqual([(await first).code, (await waiting).code], [0, 0])
})

test('what a command leaves behind does not hold its lock', async (t) => {
  const { wrap } = start(t)
  const command = ['--lock', '-w', '0', '--', 'sh', '-c', 'sleep 1000 >/dev/null 2>&1 & echo ran']
  assert.equal((await wrap(...command)).stdout, 'ran\n')
  assert.equal((await wrap(...command)).stdout, 'ran\n')
})

test('a file is sourced first, by the shell that is named', async (t) => {
  const { wrap, directory } = start(t)
  writeFileSync(join(directory, 'rc'), 'export NAME=you\n')
  const line = await wrap('-f', 'rc', '-s', '/bin/bash', '--', '[[ $NAME == y* ]] && echo "bash $NAME"')
  assert.equal(line.stdout, 'bash you\n')
  assert.equal((await wrap('-f', 'rc', '-s', '/bin/bash', '--', 'printenv', 'NAME')).stdout, 'you\n')
  writeFileSync(join(directory, '.bashrc'), 'export FROM=bashrc\n')
  assert.equal((await wrap('--load-env', '--', 'printenv', 'FROM')).stdout, 'bashrc\n')
})

test('priorities are those that are asked for', async (t) => {
  const { wrap } = start(t)
  const show = ['--', 'nice; ionice']
  assert.equal((await wrap('--low', ...show)).stdout, '19\nidle\n')
  // It is added to that of whoever calls.
  const nice = Math.min(19, getPriority() + 5)
  assert.equal((await wrap('-n', '5', '-i', '2', ...show)).stdout, `${nice}\nbest-effort: prio 4\n`)
})

test('the output goes to a file in the log directory, both streams in order', async (t) => {
  const { wrap, directory } = start(t)
  mkdirSync(join(directory, 'log'))
  const { stdout, stderr, code } = await wrap('--log-capture-to', 'job.log', '--', 'echo one; echo two >&2; echo three; exit 4')
  assert.deepEqual([stdout, stderr, code], ['', '', 4])
  assert.equal(readFileSync(join(directory, 'log/job.log'), 'utf8'), 'one\ntwo\nthree\n')
})

test('a random sleep of nothing is none', async (t) => {
  const { wrap } = start(t)
  assert.equal((await wrap('--random-sleep', '0', '--', 'echo', 'ran')).stdout, 'ran\n')
})

test('wrong words run nothing, exit with 125 and say what is wrong', async (t) => {
  const { wrap, directory } = start(t)
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['--timeout', 'soon'], /--timeout is "soon"; write a whole number of seconds/],
    [['--low', '--nice', '3'], /--low excludes --nice and --ionice/],
    [['--ionice', '4'], /--ionice is "4"; write 0, 1, 2 or 3/],
    [['--nice', 'low'], /--nice is "low"/],
    [['-b', 'mail'], /write print_stdout, print_stderr or nothing/],
    [['-s', '/bin/none'], /there is no shell \/bin\/none/],
    [['-f', 'none'], /cannot read .\/none/],
    [['--dalay'], /unrecognized option '--dalay'[\s\S]*Usage: /],
  ]
  for (const [words, expected] of wrong) {
    const { code, stderr } = await wrap(...words, '--', 'touch', 'ran')
    assert.equal(code, 125)
    assert.match(stderr, expected)
  }
  assert.match((await wrap('--lock')).stderr, /^Usage: /)
  assert.deepEqual(readdirSync(directory), [])
})

test('cronwrap.sh brings the environment of mfserv, and keeps one that is there', async (t) => {
  const { directory, environment } = start(t)
  const show = ['--', 'echo "$MFMODULE_HOME $MFMODULE_RUNTIME_HOME $NOINTERACTIVE $MFSERV_NGINX_PORT"; echo "$PATH"']
  const bare = { MFMODULE_HOME: '', PATH: '/usr/bin:/bin', ...environment }
  const { stdout, stderr } = await execute(join(CLONE, 'bin/cronwrap.sh'), show, { in: directory, env: bare })
  assert.equal(stderr, '')
  assert.match(stdout, new RegExp(`^${CLONE} ${directory} 1 18868\\n.*/usr/sbin`))
  const loaded = { ...bare, MFMODULE_HOME: CLONE, MFSERV_NGINX_PORT: '1234' }
  assert.match((await execute(join(CLONE, 'bin/cronwrap.sh'), show, { in: directory, env: loaded })).stdout, / 1 1234\n/)
})

function start(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'cronwrap-'))
  const temp = mkdtempSync(join(tmpdir(), 'cronwrap-tmp-'))
  const environment = { [VARIABLE]: directory, HOME: directory, TMPDIR: temp, MFMODULE_RUNTIME_HOME: directory }
  /** The pids of what a test started and has not ended. */
  const left = (): readonly number[] =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => environmentOf(pid)[VARIABLE] === directory)
  t.after(() => {
    for (const pid of left()) process.kill(pid, 'SIGKILL')
    for (const path of [directory, temp]) rmSync(path, { recursive: true, force: true })
  })
  return {
    directory,
    environment,
    left,
    wrap: (...words: readonly string[]): Promise<Ran> =>
      execute(join(CLONE, 'bin/cronwrap'), words, { in: directory, env: environment }),
    phase: <T>(name: string, ask: () => T | undefined): Promise<T> => eventually(name, ask, 20_000),
  }
}
