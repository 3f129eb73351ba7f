import { amount } from '../../doctor/finding.ts'
import { pathsOf, runtimeHome } from '../../host/home/paths.ts'
import { backUp } from '../../operations/module/backup.ts'
import type { Result } from '../output.ts'

interface BackupOptions {
  readonly withKeys?: true
  readonly withoutData?: true
}

export async function run([target]: readonly [string], { withKeys, withoutData }: BackupOptions): Promise<Result> {
  const choice = { keys: withKeys === true, data: withoutData !== true }
  const { file, size, manifest } = await backUp(pathsOf(runtimeHome()), target, choice, new Date())
  const { development, notes, files } = manifest
  const told = [
    ...development.map(({ name, sources }) => `${name} is served from its sources in ${sources}, which are not in it.`),
    ...notes,
  ]
  const text = [
    `${file}: ${Object.keys(files).length} files, ${amount(size)}.`,
    ...told,
    ...(choice.keys ? ['It has private keys: keep it as you keep them.'] : []),
  ]
  return { data: { file, bytes: size, files: Object.keys(files).length, notes: told, ...choice }, text: text.join('\n') }
}
