import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../problem.ts'
import { runTool } from '../process/run-tool.ts'
import { MFSERV_HOME } from './paths.ts'
import { packagedCommit } from './version.ts'

/** Which commit of mfserv this is. */
export interface Commit {
  /** All of its digits. */
  readonly hash: string
  /** A clone in which a file of the commit was changed. */
  readonly isModified: boolean
}

/** From what a package says of itself, or from git in a clone. Undefined where neither tells. */
export async function commitOfMfserv(): Promise<Commit | undefined> {
  const packaged = packagedCommit()
  if (packaged !== undefined) return { hash: packaged, isModified: false }
  // Without this git would look in the directories above, and tell the commit of something else.
  if (!existsSync(join(MFSERV_HOME, '.git'))) return undefined
  const text = await gitStatus(MFSERV_HOME)
  const hash = /^# branch\.oid ([0-9a-f]+)$/m.exec(text ?? '')?.[1]
  return text === undefined || hash === undefined ? undefined : { hash, isModified: /^[12u] /m.test(text) }
}

async function gitStatus(home: string): Promise<string | undefined> {
  // What the caller says of a repository is about another one.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')))
  const argv = ['git', '--no-optional-locks', 'status', '--porcelain=v2', '--branch', '--untracked-files=no'] as const
  try {
    const told = await runTool({ argv, cwd: home, env, doing: '', install: '' }, () => undefined)
    return told.is === 'done' ? told.stdout : undefined
  } catch (error) {
    // There is no git here.
    if (error instanceof Problem) return undefined
    throw error
  }
}
