import { existsSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { digest } from '../../host/disk/digest.ts'
import { unwritable } from '../../host/disk/disk-problem.ts'
import { version } from '../../host/home/version.ts'
import { isBooted, run, systemctl } from '../../host/service/systemd.ts'
import { hasMetwork, unitDirectory, unitFile, writeUnit } from '../../host/service/unit-files.ts'
import { Problem } from '../../problem.ts'
import { mayWrite } from '../../service/may-write.ts'
import { type UnitInput, unitText } from '../../service/unit.ts'
import { asOwner, makeUser, type Owner, ownerOf, PROGRAM } from './owner.ts'

export interface InstallInput {
  readonly user: string | undefined
  readonly force: boolean
  readonly now: boolean
}

export interface Installed {
  readonly owner: Owner
  readonly file: string
  readonly did: 'written' | 'as it was'
  /** `as it was before`: it runs, and what has changed of its unit counts from its next start on. */
  readonly runs: 'no' | 'yes' | 'as it was before'
  /** What an administrator has to do so that it comes with the machine. */
  readonly left: string | undefined
}

/** The ports below this one are for root. */
const FIRST_FREE_PORT = 1024
/** What of the environment of the caller the service has too. */
const KEPT = ['MFCONFIG', 'MFSERV_SITE_DIRECTORY']

/** Makes mfserv a service of systemd. Throws SERVICE; nothing has been made then. `booted`: whether systemd runs the machine. */
export async function installService({ user, force, now }: InstallInput, booted = isBooted()): Promise<Installed> {
  if (!booted) throw noSystemd()
  const owner = ownerOf(user)
  await refuseUnreachable(owner)
  await refuseUnreadable(owner)
  const text = await textFor(owner)
  const file = `${unitDirectory(owner.scope)}/${owner.name}`
  const before = unitFile(owner.scope, owner.name)
  const writing = mayWrite(before, { text, runtimeHome: owner.runtimeHome }, force)
  if (writing.is === 'refused') throw writing.problem
  if (owner.isMissing) await makeUser(owner)
  if (writing.is === 'write') write(file, text)
  try {
    await must(owner, ['daemon-reload'])
    // Once more, so that a name that it has no longer is taken away.
    await must(owner, ['reenable', owner.name])
  } catch (error) {
    if (before === undefined) rmSync(file, { force: true })
    else write(file, before.text)
    throw error
  }
  const isActive = (await systemctl(owner.scope, ['is-active', owner.name])).code === 0
  if (now) await must(owner, ['start', owner.name])
  const isNew = writing.is === 'write'
  const runs = isActive && isNew ? 'as it was before' : isActive || now ? 'yes' : 'no'
  return { owner, file, did: isNew ? 'written' : 'as it was', runs, left: await lingering(owner) }
}

/** What the file of the unit would be. */
export async function textFor(owner: Owner): Promise<string> {
  const unit = {
    version: version(),
    scope: owner.scope === 'user' ? ({ is: 'user' } as const) : ({ is: 'system', user: owner.user } as const),
    name: owner.name,
    program: PROGRAM,
    runtimeHome: owner.runtimeHome,
    environment: Object.fromEntries(
      KEPT.flatMap((name) => [[name, process.env[name] ?? ''] as const]).filter(([, text]) => text !== ''),
    ),
    hasLowPort: owner.isMissing ? false : await hasLowPort(owner),
    again: await startedAgain(),
    isMetwork: owner.scope === 'system' && owner.name === 'mfserv.service' && !hasMetwork(owner.name),
  }
  return unitText(unit, digest)
}

const SUBGROUPS_SINCE = 254

async function startedAgain(): Promise<UnitInput['again']> {
  const { output } = await run('systemctl', ['--version'])
  const version = Number(/^systemd (\d+)/.exec(output)?.[1] ?? 0)
  return version >= SUBGROUPS_SINCE
    ? { by: 'subgroup' }
    : { by: 'script', file: join(dirname(PROGRAM), '../share/give-back-groups.sh') }
}

/** As its user reads the configuration, whose files root leaves alone. */
async function hasLowPort(owner: Owner): Promise<boolean> {
  const shown = await asOwner(owner, 'config', 'show', '--json')
  const values = [...shown.matchAll(/"section": "nginx",\s*"key": "(?:port|https_port|listen)",\s*"value": "([^"]*)"/g)]
  const ports = values.flatMap(([, value = '']) => [...value.matchAll(/(\d+)(?: ssl)?(?:,|$)/g)].map(([, port]) => Number(port)))
  return ports.some((port) => port > 0 && port < FIRST_FREE_PORT)
}

async function refuseUnreachable({ scope, user }: Owner): Promise<void> {
  if (scope === 'system') return
  const { code, output } = await systemctl('user', ['show-environment'])
  if (code === 0) return
  const fix = `An administrator types: loginctl enable-linger ${user}. Then log in again, or set XDG_RUNTIME_DIR to /run/user/UID.`
  throw new Problem('SERVICE', `the systemd of ${user} is not there: ${output}`, fix)
}

/** Who runs it must be able to. One who is yet to be made may do as little as nobody. */
async function refuseUnreadable(owner: Owner): Promise<void> {
  await asOwner(owner.isMissing ? { ...owner, user: 'nobody', runtimeHome: '/nonexistent' } : owner, '--version')
}

function write(file: string, text: string): void {
  try {
    writeUnit(file, text)
  } catch (error) {
    throw unwritable(error, file)
  }
}

export async function must({ scope }: Pick<Owner, 'scope'>, words: readonly string[]): Promise<void> {
  const { code, output } = await systemctl(scope, words)
  if (code === 0) return
  throw new Problem('SERVICE', `systemctl ${words.join(' ')} failed: ${output}`, 'Fix what it says, and type the command again.')
}

/** The systemd of a user comes with the machine, and outlives his sessions, only where he lingers. */
async function lingering({ scope, user }: Owner): Promise<string | undefined> {
  if (scope === 'system' || existsSync(`/var/lib/systemd/linger/${user}`)) return undefined
  const { code } = await run('loginctl', ['--no-ask-password', 'enable-linger'])
  return code === 0 ? undefined : `loginctl enable-linger ${user}`
}

export function noSystemd(): Problem {
  const message = 'systemd does not run this machine, so mfserv cannot be a service of it'
  const line = `@reboot ${PROGRAM} start`
  return new Problem(
    'SERVICE',
    message,
    `Start it by hand (mfserv.start), or at boot by this line of your crontab (crontab -e):\n${line}`,
  )
}
