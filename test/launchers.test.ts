import assert from 'node:assert/strict'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { COMMANDS, GROUPS } from '../src/cli/commands.ts'
import { allNodes, completionTree } from '../src/cli/completion-tree.ts'

const ROOT = resolve(import.meta.dirname, '..')
const BIN = join(ROOT, 'bin')
/** They are no links: the launcher itself, and the scripts that need no Node, or none as long as they run. */
const SCRIPTS = ['mfserv', 'mfserv_wrapper', 'cronwrap', 'cronwrap.sh']

test('bin holds a launcher for each command that has a documented name, and nothing else', () => {
  const launchers = COMMANDS.flatMap(({ launcher, alias }) => [launcher ?? [], alias ?? []].flat())
  assert.deepEqual(readdirSync(BIN).sort(), [...launchers, ...SCRIPTS].sort())
  for (const launcher of launchers) assert.equal(readlinkSync(join(BIN, launcher)), 'mfserv')
  for (const script of SCRIPTS) assert.ok((lstatSync(join(BIN, script)).mode & 0o111) === 0o111, `${script} can be executed`)
})

test('commands.md documents exactly the commands and options that exist', async () => {
  const [, ...parts] = readFileSync(join(ROOT, 'docs/reference/commands.md'), 'utf8').split(/^## /m)
  const documented = Object.fromEntries(parts.map((part) => [/^`([^`]+)`/.exec(part)?.[1] ?? part, part]))
  const nodes = allNodes(await completionTree({ commands: COMMANDS, groups: GROUPS }))
  const commands = COMMANDS.map(({ launcher, words }) => [launcher ?? `mfserv ${words.join(' ')}`, words.join(' ')] as const)
  const names = ['mfserv', ...commands.map(([name]) => name), 'mfserv_wrapper', 'cronwrap.sh', 'share/profile']
  assert.deepEqual(Object.keys(documented).sort(), names.sort())
  for (const [name, path] of commands) {
    const own = nodes.filter((node) => node.path === path || node.path.startsWith(`${path} `))
    const options = own
      .flatMap((node) => node.options.map(({ flag }) => flag))
      .filter((flag) => flag !== '--help' && flag !== '--json')
    for (const flag of options)
      assert.ok(documented[name]?.includes(`\`${flag}`), `commands.md says what ${name} does with ${flag}`)
  }
})
