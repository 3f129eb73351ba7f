import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { contentsOf } from '../../../package/contents/contents.ts'
import { readGitFiles } from './git-files.ts'
import { readSourceTree } from './source-tree.ts'

const root = mkdtempSync(join(tmpdir(), 'mfgit'))
after(() => rmSync(root, { recursive: true, force: true }))

test('a plugin in a repository is without what git ignores there, and has what was added to it anyway', () => {
  const repository = join(root, 'repository')
  const home = join(repository, 'plugins/shop')
  write(join(repository, '.gitignore'), '*.bak\n/plugins/shop/private/\n')
  write(join(home, '.gitignore'), 'data/\n')
  for (const path of ['a.js', 'a.bak', 'private/key', 'data/places.json', 'data/visits.json', 'web/a.js', 'web/local.js'])
    write(join(home, path), 'x')
  write(join(home, 'web/.gitignore'), 'local.js\n')
  git(repository, 'init', '--quiet')
  git(repository, 'add', '--force', 'plugins/shop/data/places.json')
  write(join(repository, '.git/info/exclude'), '/plugins/shop/mine.txt\n')
  write(join(home, 'mine.txt'), 'x')
  assert.deepEqual(filesOf(home), ['a.js', 'data/places.json', 'web/a.js'])
})

test('a plugin that is in no repository is without what its own .gitignore names', () => {
  const home = join(root, 'alone')
  write(join(home, '.gitignore'), '/uploads/\n')
  for (const path of ['a.js', 'uploads/a.png']) write(join(home, path), 'x')
  assert.deepEqual(filesOf(home), ['a.js'])
})

function filesOf(home: string): readonly string[] {
  const around = {
    named: [],
    served: [],
    made: [],
    development: new Set<string>(),
    isVirtualenv: () => false,
    hasPassword: () => false,
    of: 'sources',
  } as const
  return readSourceTree(home, contentsOf('.git*\n', { ...around, git: readGitFiles(home) })).files
}

function git(home: string, ...words: readonly string[]): void {
  execFileSync('git', words, { cwd: home })
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
