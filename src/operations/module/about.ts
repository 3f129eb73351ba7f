import { commitOfMfserv } from '../../host/home/commit.ts'
import { MFSERV_HOME, pathsOf, runtimeHome } from '../../host/home/paths.ts'
import { packagedCommit, version } from '../../host/home/version.ts'
import { findNginx } from '../../host/nginx/nginx-front.ts'
import { findInterpreter, WANTED_PYTHON } from '../../host/programs/python-framework.ts'
import { Problem } from '../../problem.ts'

/** What this mfserv is, and the programs that it runs. */
export interface About {
  readonly version: string
  /** Of the commit; null where neither a package nor git tells it. */
  readonly commit: string | null
  /** A clone in which a file of the commit was changed. */
  readonly modified: boolean
  readonly is: 'package' | 'clone'
  readonly home: string
  readonly node: Program
  readonly nginx: Program | Missing
  readonly python: Program | Missing
}

export interface Program {
  readonly version: string
  readonly path: string
}

export interface Missing {
  readonly missing: string
}

/** Nothing that is missing keeps the rest from being told. */
export async function aboutMfserv(): Promise<About> {
  const [commit, python] = await Promise.all([commitOfMfserv(), findInterpreter()])
  return {
    version: version(),
    commit: commit?.hash ?? null,
    modified: commit?.isModified ?? false,
    is: packagedCommit() === undefined ? 'clone' : 'package',
    home: MFSERV_HOME,
    node: { version: process.versions.node, path: process.execPath },
    nginx: nginxHere(),
    python: python === undefined ? { missing: `no ${WANTED_PYTHON}` } : { version: python.version, path: python.python3 },
  }
}

function nginxHere(): Program | Missing {
  try {
    const { version, path } = findNginx(pathsOf(runtimeHome()))
    return { version, path }
  } catch (error) {
    if (error instanceof Problem) return { missing: error.message }
    throw error
  }
}

/** How many digits of a commit tell it from others. */
const DIGITS = 12

export function aboutText({ node, nginx, python, ...about }: About): string {
  const changed = about.modified ? ', and changes that are in no commit' : ''
  const commit = about.commit === null ? 'of an unknown commit' : `(commit ${about.commit.slice(0, DIGITS)}${changed})`
  return [
    `mfserv ${about.version} ${commit}`,
    `  ${about.is === 'clone' ? 'clone  ' : 'package'} ${about.home}`,
    `  Node    ${programText(node)}`,
    `  nginx   ${programText(nginx)}`,
    `  Python  ${programText(python)}`,
  ].join('\n')
}

function programText(program: Program | Missing): string {
  return 'missing' in program ? program.missing : `${program.version} (${program.path})`
}
