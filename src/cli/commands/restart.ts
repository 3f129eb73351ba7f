import { replaceModule, restartModule } from '../../operations/module/start.ts'
import { progress, type Result } from '../output.ts'
import { bringUp, placeOf } from './start.ts'

export async function run(_args: readonly [], { noWait }: { readonly noWait?: boolean }): Promise<Result> {
  if (noWait !== true) return await bringUp(restartModule)
  const replaced = await replaceModule({ ...placeOf(), say: progress })
  if (replaced.is === 'switched off') return { data: null, text: 'mfserv is not restarted: [startup] flag is 0.' }
  return { data: null, text: 'The new daemon supervises.' }
}
