import assert from 'node:assert/strict'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { COMMANDS, GROUPS } from '../src/cli/commands.ts'
import { NODE_OPTIONS } from '../src/host/home/own-command.ts'
import { rewrittenPage, sectionsOf } from './support/reference.ts'

const ROOT = resolve(import.meta.dirname, '..')
const BIN = join(ROOT, 'bin')
const TABLE = { commands: COMMANDS, groups: GROUPS }
/** They are no links: the launcher itself, and the scripts that need no Node, or none as long as they run. */
const SCRIPTS = ['mfserv', 'mfserv_wrapper', 'cronwrap', 'cronwrap.sh']

test('bin holds a launcher for each command that has a documented name, and nothing else', () => {
  const named = [...COMMANDS, ...GROUPS].flatMap((entry) =>
    [entry.launcher ?? [], 'alias' in entry ? (entry.alias ?? []) : []].flat(),
  )
  const links = named.filter((launcher) => launcher !== 'mfserv')
  assert.deepEqual(readdirSync(BIN).sort(), [...links, ...SCRIPTS].sort(), 'make reference adds the missing ones')
  for (const launcher of links) assert.equal(readlinkSync(join(BIN, launcher)), 'mfserv')
  for (const script of SCRIPTS) assert.ok((lstatSync(join(BIN, script)).mode & 0o111) === 0o111, `${script} can be executed`)
})

test('commands.md has a section for each command, with its examples and options as --help shows them', () => {
  const page = readFileSync(join(ROOT, 'docs/reference/commands.md'), 'utf8')
  const documented = [...page.matchAll(/^## `([^`]+)`$/gm)].map(([, name]) => name)
  const names = ['mfserv', ...sectionsOf(TABLE).map(({ name }) => name), 'mfserv_wrapper', 'cronwrap.sh', 'share/profile']
  assert.deepEqual(documented.sort(), names.sort())
  assert.equal(rewrittenPage(page, TABLE), page, 'make reference writes it anew')
})

test('the launcher and the daemon start Node with the same options', () => {
  const [, options = ''] = /exec "\$node" (.+) "\$main" /.exec(readFileSync(join(BIN, 'mfserv'), 'utf8')) ?? []
  assert.deepEqual(options.trim().split(' '), NODE_OPTIONS)
})
