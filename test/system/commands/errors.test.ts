import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pathsOf } from '../../../src/host/home/paths.ts'
import { bootstrap, type Ran, writeFile } from '../world.ts'
import { assertTold, world } from './told.ts'

const isRoot = process.getuid?.() === 0

test('words that no command takes are JSON with --json, and a problem with its fix without it', async () => {
  const calls = [
    ['mfserv', 'plugins', 'frob'],
    ['mfserv', 'plugins', 'hotswap'],
    ['mfserv', 'key', 'create'],
    ['mfserv', 'completion', 'nosh'],
    ['plugins.list', '--frob'],
    ['plugins.list', 'surplus'],
    ['bootstrap_plugin.py', 'frob'],
  ] as const
  for (const [command, ...args] of calls) {
    assertTold(await world.run(command, args), 'USAGE', /--help/)
    const { code, stdout, stderr } = await world.run(command, [...args, '--json'])
    assert.deepEqual([code, JSON.parse(stdout).problems[0].code, stderr], [1, 'USAGE', ''], `${command} ${args.join(' ')}`)
  }
  for (const group of [[], ['plugins'], ['bootstrap']]) {
    const { code, stdout } = await world.run('mfserv', ['--json', ...group])
    assert.deepEqual([code, JSON.parse(stdout).problems[0].code], [1, 'USAGE'])
    const help = await world.run('mfserv', group)
    assert.equal(help.code, 1)
    assert.match(help.stderr, /^Usage: /)
  }
})

describe('a name on the command line', () => {
  const paths = pathsOf(world.home)
  /** All but the audit trail, which has refused commands too. */
  const made = (): readonly string[] => filesBelow(world.home).filter((path) => !/^var(\/audit|$)/.test(path))

  test('that no plugin can have is refused before anything is made for it', async () => {
    const file = join(world.home, 'any.plugin')
    const before = made()
    const ways = [['plugins', 'hotswap'], ['plugins', 'install'], ['plugins', 'install', '--force'], ['plan']]
    const refuse = async (words: readonly string[], name: string): Promise<void> =>
      assertTold(await world.run('mfserv', [...words, `--new-name=${name}`, file]), 'PLUGIN_NAME', /Start it|Use letters/)
    for (const words of ways) await refuse(words, '../x')
    for (const name of ['../../config/plugins/evil.ini', '..', '-y', '']) await refuse(['plugins', 'hotswap'], name)
    for (const command of ['rollback', 'uninstall', 'start', 'stop', 'restart', 'releases', 'history', 'repackage'])
      for (const name of ['..', 'typo'])
        assertTold(
          await world.run(`plugins.${command}`, [name]),
          'PLUGIN_(NAME|NOT_FOUND)',
          /Use letters|plugins\.list|make develop/,
        )
    assertTold(await world.run('plugins.hotswap', ['--new-name', 'typo', file]), 'PLUGIN_NOT_FOUND', /--new-name typo/)
    assert.deepEqual(made(), before)
  })

  test('that begins like an option is refused wherever a name is given for the first time', async () => {
    const told = await world.run('plugins.validate_name', ['--', '-x'])
    assert.deepEqual([told.code, told.stdout.split('\n')[0]], [1, 'ERROR: the plugin name "-x" starts with -, as an option does'])
    const create = ['create', '--no-input', '--', '-x']
    assertTold(await world.run('bootstrap_plugin.py', create, { in: world.home }), 'PLUGIN_NAME', /starts with -/)
    assertTold(await world.run('mfserv', ['key', 'create', '--', '-x']), 'KEY', /starts with -/)
  })

  test('may have a slash behind it, as a shell completes it', async () => {
    await bootstrap(world, 'blog', 'static')
    mkdirSync(paths.plugins, { recursive: true })
    symlinkSync(join(world.home, 'blog'), join(paths.plugins, 'blog'))
    for (const command of ['stop', 'start', 'releases', 'history', 'uninstall']) await world.must(`plugins.${command}`, ['blog/'])
  })
})

test('plugins.hash and plugins.info of what is no plugin end with 1 and say what it is', async () => {
  const empty = join(world.home, 'empty.plugin')
  mkdirSync(empty)
  for (const command of ['plugins.hash', 'plugins.info'])
    for (const wanted of ['.', '/dev/null', empty, `${empty}/`])
      assertTold(await world.run(command, [wanted], { in: empty }), 'PLUGIN_DIRECTORY', /is not a (plugin|directory)/)
})

test('an empty word where a file is wanted is told as that', async () => {
  for (const words of [['plugins', 'hotswap'], ['plugins', 'install'], ['plan']])
    assertTold(await world.run('mfserv', [...words, '']), 'USAGE', /the path of the file is empty/)
})

/** All that lies there, but for what a start of Node keeps. */
function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => !path.startsWith('opt/'))
    .sort()
}

describe('a mistake in the settings does not let an unsigned release in', () => {
  const settings = join(world.home, 'config/config.ini')
  const right = readFileSync(settings, 'utf8')
  after(() => writeFile(settings, right))
  let file = ''
  before(async () => {
    const home = await bootstrap(world, 'unsigned', 'static')
    await world.must('_plugins.release', [], { in: home })
    file = join(home, 'unsigned-0.0.1-1.metwork.mfserv.plugin')
  })

  for (const line of ['require_signature=onn', 'require_signature']) {
    test(`${line} counts as required, and is told with its line`, async () => {
      writeFile(settings, `${right}[releases]\n${line}\n`)
      for (const words of [['plugins', 'install'], ['plugins', 'hotswap'], ['plan']]) {
        const refused = await world.run('mfserv', [...words, file])
        assertTold(refused, 'RELEASE_SIGNATURE', /config\.ini:5 .*\(INI_/)
      }
      const site = join(world.home, 'site/plugins')
      mkdirSync(site, { recursive: true })
      copyFileSync(file, join(site, 'unsigned.plugin'))
      assertTold(await world.run('mfserv', ['provision']), 'RELEASE_SIGNATURE', /config\.ini:5 .*\(INI_/)
      rmSync(site, { recursive: true })
    })
  }

  test('a section with a wrong name is told, with the right one', async () => {
    writeFile(settings, `${right}[relaeses]\nrequire_signature=1\n`)
    const { code, stderr } = await world.run('mfserv', ['plan', file])
    assert.equal(code, 2)
    assert.match(stderr, /config\.ini:4 .*\(INI_IGNORED_SECTION\)\n {2}Did you mean "releases"/)
  })
})

test('a file that is no key of the wanted kind is told by what it is', async () => {
  await world.must('mfserv', ['key', 'create', 'signer'])
  const home = await bootstrap(world, 'keyed', 'static')
  const release = (key: string): Promise<Ran> => world.run('_plugins.release', ['--sign', key], { in: home })
  assertTold(await release(join(world.home, 'config/keys/signer.pub')), 'KEY', /it is a public key/)
  const empty = join(world.home, 'empty key.pub')
  writeFile(empty, '')
  assertTold(await world.run('mfserv', ['key', 'trust', empty]), 'KEY', /it holds no key/)
  assertTold(await world.run('mfserv', ['key', 'trust', world.home]), 'KEY', /it is a directory/)
  assertTold(
    await world.run('mfserv', ['key', 'trust', join(world.home, 'config/keys/signer.key')]),
    'KEY',
    /it is a private key/,
  )
  writeFile(join(world.home, 'open key.key'), readFileSync(join(world.home, 'config/keys/signer.key'), 'utf8'))
  assertTold(await release(join(world.home, 'open key.key')), 'KEY', /chmod 600 '.*open key\.key'/)
})

test('a fix that is a command can be copied, whatever the path', async () => {
  const home = await bootstrap(world, 'quoted', 'static')
  const directory = join(world.home, 'my rel')
  mkdirSync(directory)
  await world.must('_plugins.release', ['--output-directory', directory], { in: home })
  const file = join(directory, `x".plugin`)
  renameSync(join(directory, 'quoted-0.0.1-1.metwork.mfserv.plugin'), file)
  await world.must('plugins.install', [file])
  const { stderr } = await world.run('plugins.install', [file])
  const [, fix = ''] = /Replace it: (.*)/.exec(stderr) ?? []
  const words = execFileSync('sh', ['-c', `printf '%s\\n' ${fix}`], { encoding: 'utf8' })
  assert.equal(words, `plugins.hotswap\n${file}\n`)
})

test('cautions that mean nothing are refused, also by a dry run', async () => {
  const calls = [
    ['plugins.hotswap', 'any.plugin', '--canary-seconds', '5'],
    ['plugins.rollback', 'any', '--canary-seconds', '5'],
    ['plugins.hotswap', 'any.plugin', '--dry-run', '--watch', '99999999999999'],
    ['plugins.hotswap', 'any.plugin', '--dry-run', '--canary', '100'],
  ] as const
  for (const [command, ...args] of calls) assertTold(await world.run(command, args), 'USAGE', /--(canary|watch)/)
})

test('what plugins.uninstall cannot delete is told with the path and the right that is missing', {
  skip: isRoot && succeedsAsRoot(['chattr', '-i', world.home]) ? false : 'needs root, and a disk that keeps a file from it',
}, async () => {
  const file = join(world.home, 'var/plugins/.releases/quoted/keep')
  await world.must('plugins.list')
  writeFile(file, '')
  execFileSync('chattr', ['+i', file])
  try {
    assertTold(await world.run('plugins.uninstall', ['quoted']), 'DISK', /keep.* has no right to it.*\n.*lsattr/)
  } finally {
    execFileSync('chattr', ['-i', file])
  }
  await world.must('plugins.uninstall', ['quoted'])
})

function succeedsAsRoot(argv: readonly [string, ...string[]]): boolean {
  const [program, ...words] = argv
  try {
    execFileSync(program, words, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
