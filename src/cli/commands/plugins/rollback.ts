import { rollback } from '../../../operations/release/hotswap.ts'
import { type CautionOptions, cautionOf } from '../../caution.ts'
import { refuseInside } from '../../inside-plugin.ts'
import type { Result } from '../../output.ts'
import { surroundings } from '../../surroundings.ts'
import { swappedResult } from '../../swapped.ts'

interface RollbackOptions extends CautionOptions {
  readonly to?: string
}

export async function run([name]: readonly [string], options: RollbackOptions): Promise<Result> {
  refuseInside()
  const at = surroundings()
  return swappedResult(await rollback(name, options.to, cautionOf(options, at.paths), at), at.paths)
}
