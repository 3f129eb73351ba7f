import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { COMMANDS } from '../../../src/cli/commands.ts'
import { CLONE, writeFile } from '../world.ts'
import { environment, paths, sources, world } from './two-plugins.ts'

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

function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((directory) => existsSync(join(directory, program)))
}
