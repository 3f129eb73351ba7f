import type { Paths } from '../../host/home/paths.ts'
import { isBooted, systemctl } from '../../host/service/systemd.ts'
import { type UnitFile, unitOf } from '../../host/service/unit-files.ts'
import { Problem } from '../../problem.ts'

/** The service of a runtime home, if it has one. */
export interface Service extends UnitFile {
  /** Whether the caller may start and stop it. Its daemon obeys its user in any case. */
  readonly isOurs: boolean
}

export function serviceOf({ runtimeHome }: Pick<Paths, 'runtimeHome'>): Service | undefined {
  const unit = isBooted() ? unitOf(runtimeHome) : undefined
  return unit && { ...unit, isOurs: unit.scope === 'user' || process.geteuid?.() === 0 }
}

/** Answers when the daemon supervises. One that a person started hands over to it. Throws SERVICE. */
export async function startService({ scope, name, isOurs }: Service): Promise<void> {
  if (!isOurs) {
    const message = `this runtime home is served by ${name}, which only an administrator can start`
    throw new Problem('SERVICE', message, `sudo systemctl start ${name}`)
  }
  const { code, output } = await systemctl(scope, ['start', name])
  if (code === 0) return
  const { output: status } = await systemctl(scope, ['show', '--property=StatusText', '--value', name])
  const of = scope === 'user' ? '--user ' : ''
  const fix = `Fix what it says. More is in log/mfserv.log of the runtime home, and in: journalctl ${of}--unit=${name}`
  throw new Problem('SERVICE', `systemd did not start ${name}: ${status === '' ? output : status}`, fix)
}

/** Answers when everything has ended. What is wrong is left to whoever looks at what is left. */
export async function stopService({ scope, name, isOurs }: Service): Promise<void> {
  if (isOurs) await systemctl(scope, ['stop', name])
}
