import { spawnSync } from 'node:child_process'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { MFSERV_HOME, runtimeHome } from '../../host/home/paths.ts'
import { run, type Scope } from '../../host/service/systemd.ts'
import { Problem } from '../../problem.ts'

/** Who runs the service that is asked for, and where. */
export interface Owner {
  readonly scope: Scope
  readonly user: string
  /** Of the unit. */
  readonly name: string
  readonly runtimeHome: string
  /** Whether the user is yet to be made. */
  readonly isMissing: boolean
}

const USUAL_USER = 'mfserv'
const USUAL_HOME = '/var/lib/mfserv'
export const PROGRAM = join(MFSERV_HOME, 'bin/mfserv')

/** Root makes services of the machine, for an ordinary user unless another is named; everybody else makes his own. */
export function ownerOf(named: string | undefined): Owner {
  const self = userInfo().username
  if (process.geteuid?.() !== 0) {
    if (named !== undefined && named !== self) {
      const message = `only root can make a service for another user, ${named}`
      throw new Problem('USAGE', message, `Run it as root, or leave --user out: the service is for ${self} then.`)
    }
    return { scope: 'user', user: self, name: `${USUAL_USER}.service`, runtimeHome: runtimeHome(), isMissing: false }
  }
  const user = named ?? USUAL_USER
  const name = user === USUAL_USER ? `${USUAL_USER}.service` : `${USUAL_USER}-${user}.service`
  if (user === self) return { scope: 'system', user, name, runtimeHome: runtimeHome(), isMissing: false }
  const home = homeOf(user)
  if (home === undefined && user !== USUAL_USER) {
    throw new Problem('SERVICE', `there is no user ${user}`, `Make the user (useradd), or leave --user out for ${USUAL_USER}.`)
  }
  const isMissing = home === undefined
  return { scope: 'system', user, name, runtimeHome: join(home ?? USUAL_HOME, 'metwork/mfserv'), isMissing }
}

/** Makes the ordinary user that a service of the machine runs as. */
export async function makeUser({ user }: Owner): Promise<void> {
  const words = ['--system', '--user-group', '--create-home', '--home-dir', USUAL_HOME, '--shell', '/bin/bash', user]
  const made = await run('useradd', words)
  if (made.code === 0) return
  const fix = `Make it yourself (useradd --system --create-home ${user}), or name another one with --user.`
  throw new Problem('SERVICE', `the user ${user} could not be made: ${made.output}`, fix)
}

/** What mfserv prints when that user runs it, as the service will. Throws SERVICE when he cannot. */
export async function asOwner({ user, scope, runtimeHome: home }: Owner, ...words: readonly string[]): Promise<string> {
  const isSelf = scope === 'user' || user === userInfo().username
  const kept = ['MFCONFIG', 'PATH'].flatMap((name) => (process.env[name] === undefined ? [] : [`${name}=${process.env[name]}`]))
  const own = isSelf ? userInfo().homedir : (homeOf(user) ?? '/')
  const command = ['env', '-i', '-C', '/', ...kept, `HOME=${own}`, `MFMODULE_RUNTIME_HOME=${home}`, PROGRAM, ...words]
  const became = isSelf ? command : ['setpriv', `--reuid=${user}`, `--regid=${groupOf(user)}`, '--init-groups', ...command]
  const [program = '', ...rest] = became
  const { code, output } = await run(program, rest)
  if (code !== 126 && code !== 127) return output
  const fix = 'Install mfserv where every user may read it, such as /opt, or name its owner with --user.'
  throw new Problem('SERVICE', `the user ${user} cannot run ${PROGRAM}: ${output}`, fix, { file: PROGRAM })
}

function homeOf(user: string): string | undefined {
  const { stdout, status } = spawnSync('getent', ['passwd', '--', user], { encoding: 'utf8' })
  return status === 0 ? stdout.trim().split(':')[5] : undefined
}

function groupOf(user: string): string {
  const { stdout } = spawnSync('id', ['-g', '--', user], { encoding: 'utf8' })
  return stdout.trim()
}
