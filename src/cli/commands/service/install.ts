import { type Installed, installService } from '../../../operations/service/install.ts'
import type { Result } from '../../output.ts'

interface Options {
  readonly user?: string
  readonly now?: boolean
  readonly force?: boolean
}

const WHAT_NOW: Readonly<Record<Installed['runs'], (systemctl: string, name: string) => string>> = {
  no: (systemctl, name) => `Start it: ${systemctl}start ${name}`,
  yes: (systemctl, name) => `It runs: ${systemctl}status ${name}`,
  'as it was before': (systemctl, name) => `It runs with the unit from before, until you type: ${systemctl}restart ${name}`,
}

export async function run(_args: readonly [], { user, now = false, force = false }: Options): Promise<Result> {
  const { owner, file, did, runs, left } = await installService({ user, now, force })
  const { scope, name, runtimeHome } = owner
  const of = scope === 'user' ? '--user ' : ''
  const text = [
    `${file} is ${did}: mfserv starts with the machine, as ${owner.user}, in ${runtimeHome}.`,
    WHAT_NOW[runs](`systemctl ${of}`, name),
    ...(left === undefined ? [] : [`One thing is left. It ends when you log out, until an administrator types: ${left}`]),
  ]
  return { data: { unit: name, file, did, user: owner.user, runtimeHome, runs, left: left ?? null }, text: text.join('\n') }
}
