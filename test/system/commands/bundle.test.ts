import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  globSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { after, before, test } from 'node:test'
import { sourceCode } from '../../../src/host/module/running-code.ts'
import { CLONE } from '../world.ts'

const scratch = mkdtempSync(join(tmpdir(), 'mfbundle'))
const clone = join(scratch, 'mfserv')
after(() => rmSync(scratch, { recursive: true, force: true }))

before(() => {
  const isKept = (file: string): boolean => !file.endsWith('.test.ts')
  for (const name of ['bin', 'build', 'share', 'src', 'package.json', 'package-lock.json']) {
    cpSync(join(CLONE, name), join(clone, name), { recursive: true, verbatimSymlinks: true, filter: isKept })
  }
  symlinkSync(join(CLONE, 'node_modules'), join(clone, 'node_modules'))
  bundle()
})

test('an edited file of mfserv counts at once, whichever part of the bundle it is in, and the next bundle has it', () => {
  const help = edit('src/cli/commands.ts', 'A private PaaS', 'An edited PaaS')
  assert.match(mfserv('--help'), /An edited PaaS/)
  help.undo()

  const stop = edit('src/cli/commands/stop.ts', 'mfserv does not run.', 'mfserv rests.')
  assert.match(mfserv('stop'), /mfserv rests\./)
  stop.undo()

  edit('src/cli/commands/stop.ts', 'mfserv does not run.', 'mfserv sleeps.')
  bundle()
  assert.match(mfserv('stop'), /mfserv sleeps\./)
})

test('what V8 compiled for one command is kept for the next, and what is damaged or of another bundle is not taken', () => {
  const directory = join(scratch, 'home/tmp/compile-cache')
  const keptOf = (part: string): string[] =>
    globSync(`${part}.cjs.*.code`, { cwd: directory }).map((name) => join(directory, name))
  const called = (): unknown => JSON.parse(readFileSync(kept, 'utf8').split('\n', 1)[0] ?? '').calls
  for (const file of keptOf('quick')) rmSync(file)
  assert.match(mfserv('plugins', 'list'), /./)
  assert.match(mfserv('--help'), /A private PaaS/)
  const [kept = assert.fail('nothing is kept')] = keptOf('quick')
  assert.deepEqual(called(), ['mfserv plugins list', 'mfserv'])
  for (const damage of ['', '\0'.repeat(100_000), 'null\n']) {
    writeFileSync(kept, damage)
    assert.match(mfserv('--help'), /A private PaaS/)
    assert.deepEqual(called(), ['mfserv'])
  }
  const [head] = readFileSync(kept, 'utf8').split('\n', 1)
  writeFileSync(kept, `${head}\nof no use to V8`)
  assert.match(mfserv('plugins', 'list'), /./)
  assert.deepEqual(called(), ['mfserv plugins list'])
  const { slot } = JSON.parse(readFileSync(join(clone, 'dist/built.json'), 'utf8'))
  appendFileSync(join(clone, 'dist', slot, 'quick.cjs'), '// another bundle\n')
  assert.match(mfserv('--help'), /A private PaaS/)
  assert.deepEqual(called(), ['mfserv'])
})

test('a command that waits for what never comes is no success', () => {
  const stop = edit('src/cli/commands/stop.ts', ' = await ', ' = (await new Promise<never>(() => undefined)) ?? await ')
  assert.equal(spawnSync(join(clone, 'bin/mfserv'), ['stop'], { env: environment() }).status, 13)
  stop.undo()
})

test('a bundle of which the sources have not changed serves the commands without them', () => {
  const built = join(clone, 'dist/built.json')
  const { slot, code } = JSON.parse(readFileSync(built, 'utf8'))
  assert.equal(code, sourceCode(clone), 'a daemon of the bundle runs the same as one of its sources')
  writeFileSync(built, JSON.stringify({ slot, quick: [], look: [], rest: [] }))
  renameSync(join(clone, 'src'), join(scratch, 'sources'))
  const version = '0.2.0'
  const manifest = join(clone, 'package.json')
  writeFileSync(manifest, JSON.stringify({ ...JSON.parse(readFileSync(manifest, 'utf8')), version, gitHead: 'c0ffee' }))
  const node = { version: process.versions.node }
  assert.partialDeepStrictEqual(JSON.parse(mfserv('--version', '--json')), {
    version,
    commit: 'c0ffee',
    modified: false,
    is: 'package',
    home: clone,
    node,
  })
  assert.match(mfserv('--version'), /^mfserv 0\.2\.0 \(commit c0ffee\)\n {2}package /)
  assert.match(mfserv('plugins', 'list'), /./)
  assert.match(mfserv('stop'), /mfserv/)
  assert.match(mfserv('bootstrap', 'list'), /flask/)
})

function bundle(): void {
  execFileSync(process.execPath, [join(clone, 'build/bundle.ts')])
}

function mfserv(...words: readonly string[]): string {
  return execFileSync(join(clone, 'bin/mfserv'), words, {
    encoding: 'utf8',
    env: environment(),
  })
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, MFMODULE_RUNTIME_HOME: join(scratch, 'home'), MFSERV_COMPILE_CACHE: '' }
}

function edit(name: string, from: string, to: string): { readonly undo: () => void } {
  const file = join(clone, name)
  const text = readFileSync(file, 'utf8')
  assert.ok(text.includes(from), `${name} has no "${from}"`)
  writeFileSync(file, text.replace(from, to))
  return { undo: () => writeFileSync(file, text) }
}
