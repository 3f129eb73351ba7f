import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import type { Caller } from '../../log/audit.ts'
import { isSystemError } from '../disk/errno.ts'

/** What the kernel says where nobody logged in. */
const NOBODY = 4_294_967_295
/** Terminals of today, and those of the machine's own screen. */
const PSEUDO = { first: 136, last: 143 }
const CONSOLE = 4

/** Who called this command, as far as the system tells. */
export function callerOf(env: NodeJS.ProcessEnv = process.env): Caller {
  const { username: user, uid } = namedUser(env)
  const sudoUser = env['SUDO_USER']
  const [ssh] = (env['SSH_CONNECTION'] ?? env['SSH_CLIENT'] ?? '').split(' ')
  const login = Number(read('/proc/self/loginuid') ?? NOBODY)
  const terminal = terminalNamed(read('/proc/self/stat'))
  const parent = read(`/proc/${process.ppid}/comm`)?.trim()
  return {
    user,
    uid,
    ...(sudoUser === undefined || sudoUser === '' ? {} : { sudoUser }),
    ...(Number.isNaN(login) || login === NOBODY ? {} : { loginUid: login }),
    ...(terminal === undefined ? {} : { terminal }),
    ...(ssh === undefined || ssh === '' ? {} : { ssh }),
    ...(parent === undefined ? {} : { parent }),
  }
}

/** A user whom no list of users names has a number. */
function namedUser(env: NodeJS.ProcessEnv): { readonly username: string; readonly uid: number } {
  try {
    return userInfo()
  } catch (error) {
    if (!isSystemError(error)) throw error
    const uid = process.getuid?.() ?? -1
    return { username: env['LOGNAME'] ?? String(uid), uid }
  }
}

/** The seventh of what stands in `stat`: the terminal that controls the process, whatever its input is. */
function terminalNamed(stat: string | undefined): string | undefined {
  const number = Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[4] ?? 0)
  const [major, minor] = [(number >> 8) & 0xfff, (number & 0xff) | ((number >> 12) & 0xfff00)]
  if (major >= PSEUDO.first && major <= PSEUDO.last) return `pts/${minor + (major - PSEUDO.first) * 256}`
  return major === CONSOLE ? `tty${minor}` : undefined
}

/** Undefined where this kernel does not tell. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isSystemError(error)) return undefined
    throw error
  }
}
