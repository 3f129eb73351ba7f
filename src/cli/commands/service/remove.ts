import { removeService } from '../../../operations/service/remove.ts'
import type { Result } from '../../output.ts'

interface Options {
  readonly user?: string
  readonly force?: boolean
}

export async function run(_args: readonly [], { user, force = false }: Options): Promise<Result> {
  const { name, runtimeHome } = await removeService(user, force)
  const text = `${name} is stopped and removed. The plugins are still in ${runtimeHome}.`
  return { data: { unit: name, runtimeHome }, text }
}
