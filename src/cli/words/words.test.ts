import assert from 'node:assert/strict'
import { test } from 'node:test'
import { COMMANDS, GROUPS } from '../commands.ts'
import { findCommand } from './find.ts'
import { commandHelp, groupHelp } from './help.ts'
import { type Parsed, parseWords } from './parse.ts'
import { documentedName } from './usage.ts'
import { noSuchCommand, wrongWords } from './wrong.ts'

const TABLE = { commands: COMMANDS, groups: GROUPS }

/** What comes of a line as it is typed. */
function read(line: string): Parsed {
  const [launcher = '', ...words] = line.split(' ')
  const found = findCommand(launcher, words, TABLE)
  assert.equal(found.is, 'command', line)
  return parseWords(found.command, found.rest)
}

/** The problem that a line is answered with. */
function problemOf(line: string): { readonly message: string; readonly fix: string } {
  const [launcher = '', ...words] = line.split(' ')
  const found = findCommand(launcher, words, TABLE)
  if (found.is === 'nothing') return noSuchCommand(found, TABLE)
  assert.equal(found.is, 'command', line)
  const parsed = parseWords(found.command, found.rest)
  assert.equal(parsed.is, 'wrong', line)
  return wrongWords(parsed, found.command, found.typed)
}

const CALLS: Readonly<Record<string, readonly [args: readonly unknown[], options: object]>> = {
  'plugins.list': [[], {}],
  'plugins.list --raw --json': [[], { raw: true, json: true }],
  'mfserv --json plugins list': [[], { json: true }],
  'mfserv plugins --json list': [[], { json: true }],
  'plugins.list --plugins-base-dir=/a': [[], { pluginsBaseDir: '/a' }],
  'plugins.list --plugins-base-dir /a --raw': [[], { pluginsBaseDir: '/a', raw: true }],
  'plugins.list --plugins-base-dir=': [[], { pluginsBaseDir: '' }],
  'plugins.list --plugins-base-dir=/a=b': [[], { pluginsBaseDir: '/a=b' }],
  'plugins.install x.plugin --new-name blog --dry-run': [['x.plugin'], { newName: 'blog', dryRun: true }],
  'plugins.status': [[undefined], {}],
  'plugins_validate_name blog': [['blog'], {}],
  'plugins.validate_name -- -x': [['-x'], {}],
  'plugins.validate_name -': [['-'], {}],
  'bootstrap_plugin.py create blog --no-input': [['blog'], { noInput: true }],
  'mfserv bootstrap create blog --template=flask': [['blog'], { template: 'flask' }],
  'mfserv config show': [[undefined, []], {}],
  'mfserv config show blog workers app_main': [['blog', ['workers', 'app_main']], {}],
  'plugin_wrapper blog ls -l': [['blog', ['ls', '-l']], {}],
  'plugin_wrapper blog -- ls -l': [['blog', ['ls', '-l']], {}],
  'plugin_wrapper blog --cwd --empty ls --cwd': [['blog', ['ls', '--cwd']], { cwd: true, empty: true }],
  'plugin_wrapper --empty blog --cwd ls': [['blog', ['ls']], { empty: true, cwd: true }],
  'plugin_wrapper blog --plugins-base-dir=/a ls': [['blog', ['ls']], { pluginsBaseDir: '/a' }],
  'plugin_wrapper blog --plugins-base-dir /a -- ls': [['blog', ['ls']], { pluginsBaseDir: '/a' }],
  'plugin_wrapper blog ls -- --help': [['blog', ['ls', '--', '--help']], {}],
}

for (const [line, [args, options]] of Object.entries(CALLS)) {
  test(`${line} is told apart into arguments and options`, () => {
    assert.deepEqual(read(line), { is: 'call', args, options })
  })
}

test('--help and --version are answered wherever they stand before --', () => {
  for (const line of ['plugins.install --help', 'plugins.install -h x', 'plugin_wrapper blog --help', 'mfserv help plugins list'])
    assert.deepEqual(read(line), { is: 'help' }, line)
  for (const line of ['plugins.list --version', 'mfserv plugins list -V']) assert.deepEqual(read(line), { is: 'version' }, line)
})

const MISTAKES: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  'bootstrap_plugin.py creat': ['there is no command "bootstrap_plugin.py creat"', 'Did you mean "create"?'],
  'mfserv plugins instal': ['there is no command "mfserv plugins instal"', 'Did you mean "install"?'],
  'mfserv plugins.instal': ['there is no command "mfserv plugins.instal"', 'Did you mean "plugins.install"?'],
  'mfserv instal': ['there is no command "mfserv instal"', 'Did you mean "plugins.install"?'],
  'mfserv key creat': ['there is no command "mfserv key creat"', 'Did you mean "create"?'],
  'mfserv plugin list': ['there is no command "mfserv plugin"', 'Did you mean "plugins"?'],
  'mfserv --versoin': ['there is no option --versoin', 'Did you mean "--version"?'],
  'plugins.list --jsn': ['there is no option --jsn', 'Did you mean "--json"?'],
  'plugins.install --new-nam=x y': ['there is no option --new-nam', 'Did you mean "--new-name"?'],
  'plugin_wrapper blog --cdw ls': ['there is no option --cdw', 'Did you mean "--cwd"?'],
  'mfserv completion bsh': ['SHELL is "bsh", not one of bash, zsh, fish', 'Did you mean "bash"?'],
  'plugins.list --raw=1': ['--raw takes no value', 'Write: plugins.list [options]'],
  'plugins.list --plugins-base-dir': ['the value of --plugins-base-dir is missing', 'Write: plugins.list [options]'],
  'plugins.list surplus': ['the argument "surplus" is one too many', 'Write: plugins.list [options]'],
  'mfserv key create': ['NAME is missing', 'Write: mfserv key create NAME [options]'],
  'plugin_wrapper blog --': ['COMMAND is missing', 'Write: plugin_wrapper NAME [options] [--] COMMAND [ARGUMENT...]'],
  'plugin_wrapper blog': ['COMMAND is missing', 'Write: plugin_wrapper NAME [options] [--] COMMAND [ARGUMENT...]'],
}

for (const [line, [message, hint]] of Object.entries(MISTAKES)) {
  test(`${line} is answered with what was meant, or how to write it`, () => {
    const problem = problemOf(line)
    assert.equal(problem.message, message)
    assert.ok(problem.fix.startsWith(hint), problem.fix)
    assert.match(problem.fix, /--help$/)
  })
}

for (const command of COMMANDS) {
  const name = command.words.join(' ')
  test(`${name} --help shows the name that was typed, and two examples that the command takes`, () => {
    for (const typed of [documentedName(command, TABLE), `mfserv ${name}`]) {
      const help = commandHelp(command, typed)
      assert.ok(help.startsWith(`Usage: ${typed} `))
      for (const [words] of command.examples) assert.ok(help.includes(`\n  ${typed} ${words}`.trimEnd()))
    }
    for (const [words, says] of command.examples) {
      assert.equal(parseWords(command, shellWords(words)).is, 'call', words)
      assert.match(says, /^\S.*[^.]$/)
    }
  })
}

test('the help of mfserv and of each group lists its commands and two examples that lead to one', () => {
  for (const group of GROUPS) {
    const typed = group.launcher ?? ['mfserv', ...group.words].join(' ')
    const help = groupHelp(group, typed, TABLE)
    for (const { words, summary } of COMMANDS.filter(({ words: [first] }) => first === group.words[0]))
      assert.match(help.replaceAll(/\s+/g, ' '), new RegExp(` ${words.at(-1)} ${summary.replaceAll(/[.*+?()|[\]{}\\^$]/g, '.')}`))
    for (const [words] of group.examples) {
      const found = findCommand('mfserv', [...group.words, ...words.split(' ')], TABLE)
      assert.equal(found.is, 'command', words)
      assert.equal(parseWords(found.command, found.rest).is, 'call', words)
    }
  }
})

test('no two commands have the same words or the same launcher', () => {
  const words = [...COMMANDS, ...GROUPS].map((entry) => entry.words.join(' '))
  const launchers = [...COMMANDS, ...GROUPS].flatMap((entry) =>
    [entry.launcher ?? [], 'alias' in entry ? entry.alias : []].flat(),
  )
  assert.deepEqual(new Set(words).size, words.length)
  assert.deepEqual(new Set(launchers).size, launchers.length)
})

/** As a shell gives them: quotes go, and what the shell reads itself is not passed on. */
function shellWords(text: string): readonly string[] {
  return text
    .replace(/ < .*/, '')
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => word.replaceAll('"', ''))
}

test('a letter stands for an option, and its value follows with a blank or without', () => {
  const logs = COMMANDS.find(({ words }) => words[0] === 'logs')
  assert.ok(logs !== undefined)
  for (const words of [
    ['-f', '-n', '5', 'blog'],
    ['-fn5', 'blog'],
    ['--follow', 'blog', '--lines=5'],
  ])
    assert.deepEqual(parseWords(logs, words), { is: 'call', args: ['blog'], options: { follow: true, lines: '5' } })
})
