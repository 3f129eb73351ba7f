import { execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { CACHE, CLONE } from '../image.ts'
import type { Say } from '../parcel.ts'

/** What a daemon runs. */
const CODE = ['src', 'python', 'python2', 'share', 'package-lock.json', ':(exclude)*.test.ts']
const INSTALLED = ['package.json', 'package-lock.json']

/** The package of the last commit whose code is another one, made as `make package` made it then. */
export function packageBefore(say: Say): string {
  const changed = git('log', '-1', '--format=%H', '--', ...CODE)
  const before = git('rev-parse', `${changed}^`)
  const deb = join(CACHE, 'before', `${before}.deb`)
  if (existsSync(deb)) return deb
  say(`Making the package of ${git('log', '-1', '--format=%h (%s)', before)}`)
  rmSync(join(CACHE, 'before'), { recursive: true, force: true })
  mkdirSync(join(CACHE, 'before'))
  const tree = join(CACHE, 'before/tree')
  git('worktree', 'add', '--quiet', '--force', '--detach', tree, before)
  try {
    if (git('diff', '--name-only', before, '--', ...INSTALLED) === '') linkPackages(tree)
    // What is downloaded for a package is checked by its checksum.
    mkdirSync(join(tree, '.cache'))
    symlinkSync(join(CLONE, '.cache/package'), join(tree, '.cache/package'))
    const out = join(CACHE, 'before/packages')
    execFileSync('make', ['--no-print-directory', 'package', `OUT=${out}`], { cwd: tree, stdio: ['ignore', 'ignore', 'inherit'] })
    const [made = ''] = globSync(join(out, '*.deb'))
    renameSync(made, deb)
    rmSync(out, { recursive: true })
  } finally {
    git('worktree', 'remove', '--force', tree)
  }
  return deb
}

/** npm would install the same once more. */
function linkPackages(tree: string): void {
  execFileSync('cp', ['--archive', '--link', join(CLONE, 'node_modules'), tree])
  rmSync(join(tree, 'node_modules/.cache'), { recursive: true, force: true })
  rmSync(join(tree, 'node_modules/.installed'))
  execFileSync('touch', [join(tree, 'node_modules/.installed')])
}

function git(...words: readonly string[]): string {
  return execFileSync('git', words, { cwd: CLONE, encoding: 'utf8' }).trim()
}
