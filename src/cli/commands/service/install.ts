import { installService } from '../../../operations/service/install.ts'
import type { Result } from '../../output.ts'

interface Options {
  readonly user?: string
  readonly now?: boolean
  readonly force?: boolean
}

export async function run(_args: readonly [], { user, now = false, force = false }: Options): Promise<Result> {
  const { owner, file, did, isStarted, left } = await installService({ user, now, force })
  const { scope, name, runtimeHome } = owner
  const of = scope === 'user' ? '--user ' : ''
  const text = [
    `${file} is ${did}: mfserv starts with the machine, as ${owner.user}, in ${runtimeHome}.`,
    isStarted ? `It runs: systemctl ${of}status ${name}` : `Start it: systemctl ${of}start ${name}`,
    ...(left === undefined ? [] : [`One thing is left. It ends when you log out, until an administrator types: ${left}`]),
  ]
  return { data: { unit: name, file, did, user: owner.user, runtimeHome, isStarted, left: left ?? null }, text: text.join('\n') }
}
