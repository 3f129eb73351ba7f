import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { COMMANDS } from '../../../src/cli/commands.ts'
import { pathsOf } from '../../../src/host/home/paths.ts'
import { CLONE, edit, get, newWorld, type Ran, writeFile } from '../world.ts'

const world = await newWorld('[plugin_shop]\ngreeting = it\'s $(exit 1) `exit 1`; exit 1 "\n')
after(() => rmSync(world.home, { recursive: true, force: true }))
const paths = pathsOf(world.home)
const sources = join(world.home, 'sources')
/** Installed as a directory. */
const blog = makePlugin(join(paths.plugins, 'blog'), 'blog')
/** Installed as a development link. */
const shop = makePlugin(join(sources, 'shop'), 'shop')
symlinkSync(shop, join(paths.plugins, 'shop'))

test('plugins.list --raw has one line for each plugin, in the order of their names', async () => {
  const { stdout, stderr } = await world.must('plugins.list', ['--raw'])
  assert.equal(stdout, `blog~~~1.2.3~~~1~~~${blog}\nshop~~~dev_link~~~dev_link~~~${shop}\n`)
  assert.equal(stderr, '')
})

test('plugins.list --json is an array indented by four, its keys in the documented order', async () => {
  const { stdout } = await world.must('plugins.list', ['--json'])
  const expected = [
    { name: 'blog', release: '1', version: '1.2.3', home: blog },
    { name: 'shop', release: 'dev_link', version: 'dev_link', home: shop },
  ]
  assert.equal(stdout, `${JSON.stringify(expected, null, 4)}\n`)
  assert.equal((await world.must('mfserv', ['plugins', 'list', '--json'])).stdout, stdout)
})

test('plugins.list shows a table with the number of plugins', async () => {
  const { stdout } = await world.must('plugins.list')
  const [title, head, line, ...rows] = stdout.trimEnd().split('\n')
  assert.match(title ?? '', /^┌Installed plugins \(2\)[─┬]+┐$/)
  assert.match(head ?? '', /^│ Name +│ Version +│ Release +│ Home +│$/)
  assert.match(line ?? '', /^├─+┼─+┼─+┼─+┤$/)
  assert.match(rows.join('\n'), /^│ blog +│ 1\.2\.3 +│ 1 +│ .*\n│ shop +│ dev_link +│ dev_link +│ .*\n└─+┴─+┴─+┴─+┘$/)
})

test('plugins.list --raw --json is refused', async () => {
  const { code, stdout } = await world.run('plugins.list', ['--raw', '--json'])
  assert.equal(code, 1)
  assert.equal(JSON.parse(stdout).problems[0].code, 'USAGE')
})

test('a plugin that does not read is listed as error with the reason on standard error, as long as it does not', async () => {
  const home = makePlugin(join(paths.plugins, 'bad'), 'bad')
  const line = async (): Promise<string> => lineOf(await world.must('plugins.list', ['--raw']), 'bad')
  assert.equal(await line(), `bad~~~1.2.3~~~1~~~${home}`)
  edit(join(home, 'config.ini'), 'type=static', 'type=statc')
  const { stdout, stderr } = await world.must('plugins.list', ['--raw'])
  assert.equal(stdout.split('\n')[0], `bad~~~error~~~error~~~${home}`)
  assert.match(stderr, /bad\/config\.ini:\d+ .*statc/)
  assert.match(stdout, /^blog~~~1\.2\.3/m)
  edit(join(home, 'config.ini'), 'type=statc', 'type=static')
  edit(join(home, 'config.ini'), 'version=1.2.3', 'version=2.0.0')
  assert.equal(await line(), `bad~~~2.0.0~~~1~~~${home}`)
  rmSync(join(home, 'main'), { recursive: true })
  assert.equal(await line(), `bad~~~error~~~error~~~${home}`)
  rmSync(home, { recursive: true })
})

test('a development link whose directory is gone is listed as error', async () => {
  const entry = join(paths.plugins, 'lost')
  symlinkSync(join(sources, 'gone'), entry)
  const ran = await world.must('plugins.list', ['--raw'])
  assert.equal(lineOf(ran, 'lost'), `lost~~~error~~~error~~~${entry}`)
  assert.match(ran.stderr, /does not exist any more/)
  rmSync(entry)
})

test('plugins.list lists another directory, and says so when there is none', async () => {
  const { stdout } = await world.must('plugins.list', ['--raw', '--plugins-base-dir', sources])
  assert.equal(stdout, `shop~~~1.2.3~~~1~~~${shop}\n`)
  const { code, stderr } = await world.run('plugins.list', ['--plugins-base-dir', join(sources, 'nowhere')])
  assert.equal(code, 1)
  assert.match(stderr, /nowhere is not a directory/)
})

test('plugins.info shows the facts and apps of a plugin that nothing serves', async () => {
  const { stdout } = await world.must('plugins.info', ['blog'])
  for (const [fact, value] of Object.entries({
    Name: 'blog',
    Version: '1\\.2\\.3',
    Release: '1',
    License: 'BSD',
    State: 'not served',
  })) {
    assert.match(stdout, new RegExp(`│ ${fact} +│ ${value} +│`))
  }
  assert.match(stdout, /│ main │ static │/)
  const facts = JSON.parse((await world.must('plugins.info', [shop, '--json'])).stdout)
  assert.deepEqual([facts.name, facts.version, facts.home, facts.mode], ['shop', '1.2.3', shop, 'directory'])
  assert.deepEqual(facts.problems, [])
  assert.equal((await world.must('plugins.info', ['shop', '--just-home'])).stdout, `${shop}\n`)
})

test('plugins.info names the nearest plugin when there is none of that name', async () => {
  const { code, stderr } = await world.run('plugins.info', ['blgo'])
  assert.equal(code, 1)
  assert.match(stderr, /no plugin named "blgo" is installed .*\n +Did you mean "blog"\?/)
})

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

for (const shell of ['bash', 'dash', 'zsh'].filter(isInstalled)) {
  test(`share/profile loads the environment into ${shell} from any directory, with bin once in PATH`, async () => {
    const script = `. '${CLONE}/share/profile' && . '${CLONE}/share/profile' && cd / && . .${CLONE}/share/profile || exit 1
echo "$MFSERV_HOME $MFMODULE_RUNTIME_HOME $MFSERV_NGINX_PORT"
[ "$MFSERV_CONF_GENERATION_TIME" -gt 1700000000 ]
printf '%s\\n' "$MFSERV_PLUGIN_SHOP_GREETING"
echo "$PATH"
command -v plugins.list`
    const { status, stdout } = spawnSync(shell, ['-c', script], {
      cwd: CLONE,
      // In the first of nested shells whose input is a socket, as it is here, bash takes the person's ~/.bashrc.
      env: { ...environment(), PATH: '/usr/bin:/bin', SHLVL: '1' },
      encoding: 'utf8',
    })
    assert.deepEqual(stdout.split('\n'), [
      `${CLONE} ${world.home} ${world.port}`,
      'it\'s $(exit 1) `exit 1`; exit 1 "',
      `${CLONE}/bin:/usr/bin:/bin`,
      `${CLONE}/bin/plugins.list`,
      '',
    ])
    assert.equal(status, 0)
  })
}

test('share/interactive_profile marks the prompt and completes the commands', () => {
  const script = `source '${CLONE}/share/interactive_profile'; echo "$PS1"; complete -p plugins.info`
  const { stdout } = spawnSync('bash', ['--norc', '-i', '-c', script], { env: environment(), encoding: 'utf8' })
  assert.match(stdout, /^\(mfserv\) /m)
  assert.match(stdout, /^complete .*-F _mfserv plugins\.info$/m)
})

for (const shell of ['bash', 'zsh'].filter(isInstalled)) {
  test(`a mistyped command is answered with the nearest one in the ${shell} of share/interactive_profile, others as before`, () => {
    const script = `source '${CLONE}/share/interactive_profile' >/dev/null; source '${CLONE}/share/interactive_profile' >/dev/null
      plugins.instal x; echo $?; mfserv.strat; frobnicate; echo $?`
    const options = shell === 'bash' ? ['--norc'] : ['-f']
    const { stdout, stderr } = spawnSync(shell, [...options, '-i', '-c', script], { env: environment(), encoding: 'utf8' })
    assert.match(stderr, /Did you mean "plugins\.install"\?[\s\S]*Did you mean "mfserv\.start"\?[\s\S]*frobnicate/)
    assert.match(stdout, /127\n127\n$/)
  })
}

test('mfserv_wrapper runs a command in the environment of mfserv and nothing else of the caller', async () => {
  const ran = await world.run(
    'mfserv_wrapper',
    ['sh', '-c', 'echo "$MFSERV_NGINX_PORT $FROM_CALLER|$PATH|$#|$2"; exit 6', 'sh', 'a', 'b c'],
    {
      env: { FROM_CALLER: 'gone', PATH: `/nowhere:${process.env['PATH']}` },
    },
  )
  const path = `${CLONE}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`
  assert.deepEqual(ran, { code: 6, stdout: `${world.port} |${path}|2|b c\n`, stderr: '' })
  const { code, stderr } = await world.run('mfserv_wrapper')
  assert.equal(code, 1)
  assert.match(stderr, /^Usage: mfserv_wrapper COMMAND/)
})

test('bash completes commands, options and the names of plugins without executing any of them', async (t) => {
  mkdirSync(join(paths.plugins, '$(touch pwned)'))
  t.after(() => rmSync(join(paths.plugins, '$(touch pwned)'), { recursive: true }))
  const { stdout: script } = await world.must('mfserv', ['completion', 'bash'])
  const file = join(world.home, 'completion.bash')
  writeFileSync(file, script)
  const complete = (line: string): string => {
    const words = line.split(' ')
    const call = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mfserv; echo "\${COMPREPLY[*]}"`
    const { stdout } = spawnSync('bash', ['--norc', '-c', call, file, ...words], {
      cwd: sources,
      env: environment(),
      encoding: 'utf8',
    })
    return stdout.trimEnd()
  }
  assert.equal(complete('mfserv st'), 'start stop status')
  const ofPlugins = COMMANDS.flatMap(({ words: [group, name] }) => (group === 'plugins' ? (name ?? []) : []))
  assert.equal(complete('mfserv plugins '), ofPlugins.join(' '))
  assert.equal(complete('mfserv plugins info b'), 'blog')
  assert.equal(complete('plugins.info '), 'blog shop')
  assert.equal(complete('/opt/bin/plugin_wrapper sh'), 'shop')
  assert.equal(complete('plugins.list --r'), '--raw')
  assert.equal(complete('bootstrap_plugin.py create --template def'), 'default')
  assert.equal(complete('mfserv completion '), 'bash zsh fish')
  // bash takes --flag=value apart into three words, unless = is no border of words.
  for (const line of ['--template = fl', '--template=fl'])
    assert.match(complete(`bootstrap_plugin.py create ${line}`), /^(--template=)?flask$/)
  assert.match(complete('mfserv bootstrap create --template ='), /^default empty node /)
  assert.equal(complete('bootstrap_plugin.py create --template = flask --no'), '--no-input')
  assert.equal(complete('plugins.info --plugins-base-dir /tmp sh'), 'shop')
  assert.equal(complete('plugins.info --plugins-base-dir = /tmp sh'), 'shop')
  assert.equal(complete('plugins.info blog sh'), '')
  writeFileSync(join(sources, 'new.plugin'), '')
  t.after(() => rmSync(join(sources, 'new.plugin')))
  assert.equal(complete('plugins.install '), 'new.plugin shop')
  assert.equal(complete('plugins.install --new-name x ne'), 'new.plugin')
  for (const file of ['var/plugins/.releases/blog/1.0.0-1/x', 'config/keys/team.key']) writeFile(join(world.home, file), '')
  t.after(() => {
    for (const made of ['var/plugins/.releases', 'config/keys']) rmSync(join(world.home, made), { recursive: true })
  })
  assert.equal(complete('plugins.rollback blog --to '), '1.0.0-1')
  assert.equal(complete('_plugins.release --sign t'), 'team')
  assert.match(complete('plugin_wrapper blog --cwd -- mkfif'), /^mkfifo/)
  assert.deepEqual(readdirSync(sources), ['new.plugin', 'shop'])
  for (const { launcher } of COMMANDS) assert.ok(launcher === undefined || script.includes(` ${launcher}`))
})

for (const shell of ['zsh', 'fish'].filter(isInstalled)) {
  test(`${shell} accepts its completion script`, async () => {
    const file = join(world.home, `completion.${shell}`)
    writeFileSync(file, (await world.must('mfserv', ['completion', shell])).stdout)
    const { status, stderr } = spawnSync(shell, ['-n', file], { env: { ...environment(), HOME: world.home }, encoding: 'utf8' })
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
    if (shell !== 'fish') return
    const script = `source ${file}; complete -C 'bootstrap_plugin.py create --template=fl'; complete -C 'plugins.info sh'`
    const offered = spawnSync('fish', ['-c', script], { env: { ...environment(), HOME: world.home }, encoding: 'utf8' }).stdout
    assert.match(offered, /^--template=flask\t.*\nshop\n$/)
  })
}

test('a shell that nothing is known of gets no completion script', async () => {
  assert.equal((await world.run('mfserv', ['completion', 'tcsh'])).code, 1)
})

test('plugins.uninstall of a development link removes the link and never the sources', async () => {
  const { stdout } = await world.must('plugins.uninstall', [join(sources, 'shop/')])
  assert.match(stdout, /^- Uninstalling plugin shop\.\.\. +\[ OK \]\n$/)
  assert.ok(existsSync(join(shop, 'config.ini')))
  assert.deepEqual(readdirSync(paths.plugins), ['blog'])
  const again = await world.run('plugins.uninstall', ['shop'])
  assert.equal(again.code, 1)
  assert.match(again.stderr, /no plugin named "shop" is installed/)
  symlinkSync(shop, join(paths.plugins, 'shop'))
})

test('an installed plugin is not removed from inside its own environment', async () => {
  const { code, stderr } = await world.run('plugin_wrapper', ['blog', 'plugins.uninstall', 'blog'])
  assert.equal(code, 1)
  assert.match(stderr, /works inside the plugin blog/)
  assert.ok(existsSync(blog))
})

test('plugins.uninstall --clean removes an installed plugin with what it kept, its logs and temporary files', async () => {
  const data = join(paths.data, 'blog')
  assert.ok(existsSync(data))
  appendFileSync(join(blog, 'config.ini'), '\n[extra_daemon_clock]\ncmd_and_args = sleep 60\n')
  const logs = ['app_blog_main.log', 'extra_blog_clock.log', 'cron_blog_0123abcd.log']
  for (const name of [...logs, ...logs.map((log) => `${log}.20260101000000`), 'app_shop_main.log', 'extra_blog_notes_clock.log'])
    writeFile(join(paths.log, name), '')
  mkdirSync(join(paths.tmp, 'blog'), { recursive: true })
  await world.must('plugins.uninstall', ['--clean', 'blog'])
  assert.deepEqual(readdirSync(paths.plugins), ['shop'])
  assert.deepEqual(readdirSync(paths.log).sort(), ['app_shop_main.log', 'extra_blog_notes_clock.log'])
  assert.equal(existsSync(join(paths.tmp, 'blog')), false)
  assert.equal(existsSync(data), false)
  assert.ok(existsSync(join(paths.data, 'shop')))
})

test('a running mfserv drops the routes of a removed plugin and lets its workers finish their requests', async (t) => {
  const running = await newWorld()
  t.after(running.end)
  const plugins = pathsOf(running.home).plugins
  makePlugin(join(plugins, 'pages'), 'pages')
  const home = makePlugin(join(running.home, 'sources/clock'), 'clock', 'type=node\nmain_arg=server.js\nworkers=1')
  writeFileSync(join(home, 'main/server.js'), SLOW_SERVER)
  symlinkSync(home, join(plugins, 'clock'))
  await running.must('mfserv.start')
  await running.until('clock is served', (report) => report.plugins.every(({ state }) => state === 'serving'))
  const info = JSON.parse((await running.must('plugins.info', ['clock', '--json'])).stdout)
  assert.deepEqual([info.state, info.apps[0].slots[0].actual], ['serving', 'ready'])

  const slow = get(`${running.url}/clock/slow`)
  await get(`${running.url}/clock/until-slow`)
  await running.must('plugins.uninstall', ['clock'])
  assert.equal((await get(`${running.url}/clock/`)).status, 404)
  writeFileSync(join(home, 'go'), '')
  assert.deepEqual(await slow, { status: 200, body: 'slow' })

  assert.equal((await get(`${running.url}/pages/`)).status, 200)
  await running.must('plugins.uninstall', ['pages'])
  assert.equal((await get(`${running.url}/pages/`)).status, 404)
  assert.deepEqual(readdirSync(plugins), [])
})

/** `/slow` answers once a file `go` is in the plugin; `/until-slow` answers once a `/slow` has come in. */
const SLOW_SERVER = `
const { createServer } = require('node:http')
const { existsSync } = require('node:fs')
let slow
const asked = new Promise((resolve) => { slow = resolve })
const server = createServer((request, answer) => {
  if (request.url.endsWith('/until-slow')) return asked.then(() => answer.end('now'))
  if (!request.url.endsWith('/slow')) return answer.end('clock')
  slow()
  const look = setInterval(() => {
    if (!existsSync('go')) return
    clearInterval(look)
    answer.end('slow')
  }, 5)
})
server.listen(process.argv[2])
process.on('SIGTERM', () => server.close(() => process.exit()))
`

/** A plugin with one static app, or one of another kind. */
function makePlugin(home: string, name: string, app = 'type=static'): string {
  const general = 'version=1.2.3\nsummary=a test\nlicense=BSD\nurl=http://example.org\nmaintainer=me\nvendor=us'
  writeFile(join(home, '.layerapi2_label'), `plugin_${name}@mfserv\n`)
  writeFile(join(home, 'config.ini'), `[general]\n${general}\n[app_main]\n${app}\n`)
  writeFile(join(home, 'main/index.html'), `${name}\n`)
  return home
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, MFMODULE_RUNTIME_HOME: world.home }
}

function lineOf({ stdout }: Ran, plugin: string): string {
  return stdout.split('\n').find((line) => line.startsWith(`${plugin}~`)) ?? ''
}

function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((directory) => existsSync(join(directory, program)))
}
