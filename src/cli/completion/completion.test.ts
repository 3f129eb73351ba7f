import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TEMPLATES } from '../../template/templates.ts'
import { COMMANDS, GROUPS } from '../commands.ts'
import { bashCompletion } from './bash.ts'
import { fishCompletion } from './fish.ts'
import { allNodes, completionTree } from './tree.ts'
import { zshCompletion } from './zsh.ts'

const tree = completionTree({ commands: COMMANDS, groups: GROUPS })
const templates = Object.keys(TEMPLATES)

test('each command is offered with its options and the kinds of its values', () => {
  const node = (path: string) => allNodes(tree).find((one) => one.path === path)
  assert.deepEqual(
    allNodes(tree)
      .map(({ path }) => path)
      .sort(),
    ['', ...GROUPS.flatMap(({ words: [first] }) => first ?? []), ...COMMANDS.map(({ words }) => words.join(' '))].sort(),
  )
  assert.deepEqual(
    node('bootstrap create')?.options.map(({ flag }) => flag),
    ['--template', '--from', '--type', '--no-input', '--make', '--install', '--delete', '--json', '--help'],
  )
  assert.deepEqual(
    node('wrapper')?.options.map(({ flag }) => flag),
    [
      '--cwd',
      '--empty',
      '--bash-cmds',
      '--do-not-add-plugin-dir-to-python-path',
      '--add-extra-dir-to-python-path',
      '--add-extra-dir-to-node-path',
      '--ignore-cache',
      '--plugins-base-dir',
      '--help',
    ],
  )
  assert.deepEqual(node('plugins validate_name')?.launchers, ['plugins.validate_name', 'plugins_validate_name'])
})

test('zsh takes --template=fl and --template fl, and offers plugins, .plugin files, releases and keys', () => {
  const script = zshCompletion(tree, templates)
  for (const text of [
    `:TEMPLATE:(${templates.join(' ')})'`,
    `'--template=[`,
    `'1:NAME:_mfserv_installed'`,
    `'1:FILE:_files -g "*.plugin"'`,
    ':RELEASE:_mfserv_releases',
    ':KEY:_mfserv_keys',
    `'1:SHELL:(bash zsh fish)'`,
    `'*::COMMAND: _normal'`,
  ])
    assert.ok(script.includes(text), text)
})

test('fish offers the same, under the launcher and as words of mfserv', () => {
  const script = fishCompletion(tree, templates)
  for (const text of [
    `complete -c bootstrap_plugin.py -n '__mfserv_in create' -l template`,
    `complete -c mfserv -n '__mfserv_in bootstrap create' -l template`,
    `complete -c plugins.install -n '__mfserv_at' -f -a '(__fish_complete_suffix .plugin)'`,
    `complete -c plugins.info -n '__mfserv_at' -f -a '(__mfserv_installed)'`,
    `-x -a '(__mfserv_releases)'`,
    `-x -a '(__mfserv_keys)'`,
  ])
    assert.ok(script.includes(text), text)
})

test('bash knows every launcher and every option with a value', () => {
  const script = bashCompletion(tree, templates)
  for (const { launchers, path, options } of allNodes(tree)) {
    for (const launcher of launchers)
      assert.match(script, new RegExp(`^complete .* ${launcher.replaceAll('.', '\\.')}( |$)`, 'm'))
    for (const { flag, value } of options) if (value !== undefined) assert.ok(script.includes(`'${path}|${flag}'`))
  }
})
