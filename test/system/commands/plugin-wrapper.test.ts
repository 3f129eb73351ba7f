import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { CLONE } from '../world.ts'
import { environment, paths, shop, sources, world } from './two-plugins.ts'

test('plugin_wrapper runs a command in the environment of the plugin, and its exit code is that of the command', async () => {
  const script =
    'echo $MFSERV_CURRENT_PLUGIN_NAME $MFSERV_CURRENT_PLUGIN_DIR $PYTHONPATH $FROM_CALLER; test -d $TMPDIR; pwd; exit 7'
  const ran = await world.run('plugin_wrapper', ['shop', '--', 'sh', '-c', script], { env: { FROM_CALLER: 'kept' }, in: sources })
  assert.deepEqual(ran, {
    code: 7,
    stdout: `shop ${shop} ${shop}:${join(CLONE, 'python/plugin-path')} kept\n${sources}\n`,
    stderr: '',
  })
})

test('what a plugin keeps has a directory that is there before anything of it runs, for its user alone', async () => {
  const script = 'umask 077; stat -c %a "$MFSERV_CURRENT_PLUGIN_DATA_DIR"; echo "$MFSERV_CURRENT_PLUGIN_DATA_DIR"'
  const { stdout } = await world.must('plugin_wrapper', ['shop', '--', 'sh', '-c', script])
  assert.equal(stdout, `700\n${join(paths.data, 'shop')}\n`)
})

test('the words behind the command of plugin_wrapper are its own', async () => {
  const { stdout } = await world.must('plugin_wrapper', [
    'shop',
    'printf',
    '%s.',
    '--json',
    '--version',
    '--help',
    '--',
    '-V',
    'a b',
  ])
  assert.equal(stdout, '--json.--version.--help.--.-V.a b.')
})

test('plugin_wrapper --cwd works in the directory of the plugin, --empty keeps nothing of the caller', async () => {
  assert.equal((await world.must('plugin_wrapper', ['--cwd', shop, 'pwd'])).stdout, `${shop}\n`)
  const env = { FROM_CALLER: 'gone', MFSERV_CURRENT_PLUGIN_DEBUG: '1', VIRTUAL_ENV: '/other' }
  const { stdout } = await world.must('plugin_wrapper', ['shop', '--empty', 'env'], { env })
  assert.doesNotMatch(stdout, /^(FROM_CALLER|VIRTUAL_ENV|NODE_COMPILE_CACHE|MFSERV_CURRENT_PLUGIN_DEBUG)=/m)
  const kept = (await world.must('plugin_wrapper', ['shop', 'env'], { env })).stdout
  assert.match(kept, /^FROM_CALLER=gone$/m)
  assert.doesNotMatch(kept, /^(VIRTUAL_ENV|NODE_COMPILE_CACHE|MFSERV_CURRENT_PLUGIN_DEBUG)=/m)
})

test('plugin_wrapper becomes its command: pid, signals and a broken pipe are as without it', async () => {
  const shell = ['-c', 'echo $$; exec cat']
  const child = spawn(join(CLONE, 'bin/plugin_wrapper'), ['shop', 'sh', ...shell], {
    env: environment(),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })))
  const said = await new Promise((resolve) => child.stdout.once('data', (data) => resolve(String(data))))
  assert.equal(said, `${child.pid}\n`)
  child.kill('SIGTERM')
  assert.deepEqual(await exited, { code: null, signal: 'SIGTERM' })
  const { stdout } = await world.must('plugin_wrapper', ['shop', 'bash', '-c', 'yes | head -n 1; echo $PIPESTATUS'])
  assert.equal(stdout, `y\n${128 + 13}\n`)
})

test('the command of plugin_wrapper gets the streams of its caller as they are, whether the plugin is remembered or not', async () => {
  const script = 'import os; print(*map(os.get_blocking, (0, 1, 2)))'
  for (const _ of ['remembered', 'read again']) {
    assert.equal((await world.must('plugin_wrapper', ['shop', 'python3', '-c', script])).stdout, 'True True True\n')
    rmSync(join(world.home, 'tmp'), { recursive: true })
  }
})

test('plugin_wrapper tells a command that is not found from a plugin that is not installed', async () => {
  const missing = await world.run('plugin_wrapper', ['shop', 'no-such-command'])
  assert.equal(missing.code, 127)
  assert.match(missing.stderr, /^plugin_wrapper: .*no-such-command: not found/)
  const unknown = await world.run('plugin_wrapper', ['shpo', 'true'])
  assert.equal(unknown.code, 1)
  assert.match(unknown.stderr, /Did you mean "shop"\?/)
  assert.equal((await world.run('plugin_wrapper', ['shop', '/etc/passwd'])).code, 126)
})

test('plugin_env runs the commands of standard input in a clean shell inside the plugin', async () => {
  writeFileSync(join(shop, '.layerapi2_interactive_profile'), 'from_profile=read\n')
  const input = 'echo $MFSERV_CURRENT_PLUGIN_NAME $PWD $PIP_PREFIX $from_profile [$FROM_CALLER$BASH_ENV] $TERM\nexit 5\n'
  const ran = await world.run('plugin_env', ['shop'], { input, env: { FROM_CALLER: 'gone', TERM: 'dumb' } })
  assert.deepEqual(ran, { code: 5, stdout: `shop ${shop} ${shop}/local read [] dumb\n`, stderr: '' })
  rmSync(join(shop, '.layerapi2_interactive_profile'))
})

test('plugin_env without a name opens the plugin of this directory, and elsewhere says how to call it', async () => {
  assert.equal((await world.must('plugin_env', [], { input: 'echo $MFSERV_CURRENT_PLUGIN_NAME', in: shop })).stdout, 'shop\n')
  const { code, stderr } = await world.run('plugin_env', [], { in: sources })
  assert.equal(code, 1)
  assert.match(stderr, /sources is not the directory of a plugin.*\(USAGE\)\n.*plugin_env NAME/)
})

test('on a terminal the prompt of plugin_env names the plugin', () => {
  const typed = 'import pty, sys\nsys.exit(pty.spawn(sys.argv[1:]) >> 8)'
  const { stdout, status } = spawnSync('python3', ['-c', typed, join(CLONE, 'bin/plugin_env'), 'shop'], {
    env: { ...environment(), TERM: 'dumb' },
    input: 'exit 4\n',
    encoding: 'utf8',
  })
  assert.match(stdout, /\[plugin shop\] .*[$#] exit 4/)
  assert.equal(status, 4)
})
