import { execFileSync } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { TrackedFile } from './contents.ts'
import type { PackagedCommit } from './version.ts'

function git(home: string, ...words: readonly string[]): string {
  return execFileSync('git', ['--no-optional-locks', ...words], { cwd: home, encoding: 'utf8', maxBuffer: 1 << 26 })
}

export function commitIn(home: string, version: string): PackagedCommit {
  const [hash = '', time = ''] = git(home, 'show', '--no-patch', '--format=%H %ct', 'HEAD').trim().split(' ')
  const tags = git(home, 'tag', '--points-at', 'HEAD').split('\n')
  const isModified = git(home, 'status', '--porcelain', '--untracked-files=no') !== ''
  return { hash, time: Number(time), isRelease: tags.includes(`v${version}`), isModified }
}

const [LINK, PROGRAM] = ['120000', '100755']

/** As git keeps them: the rights that a checkout gave them are those of its umask. */
export function trackedFiles(home: string): readonly TrackedFile[] {
  const lines = git(home, 'ls-files', '--stage', '-z').split('\0')
  return lines.flatMap((line) => {
    const [, mode, path] = /^(\d+) [0-9a-f]+ \d\t(.+)$/s.exec(line) ?? []
    if (mode === undefined || path === undefined) return []
    return [{ path, executable: mode === PROGRAM, ...(mode === LINK ? { to: readlinkSync(join(home, path)) } : {}) }]
  })
}
