import { unitDirectory, unitFile } from '../../../host/service/unit-files.ts'
import { textFor } from '../../../operations/service/install.ts'
import { ownerOf } from '../../../operations/service/owner.ts'
import type { Result } from '../../output.ts'

export async function run(_args: readonly [], { user }: { readonly user?: string }): Promise<Result> {
  const owner = ownerOf(user)
  const there = unitFile(owner.scope, owner.name)
  const file = `${unitDirectory(owner.scope)}/${owner.name}`
  const text = there?.text ?? (await textFor(owner))
  return { data: { unit: owner.name, file, is: there?.is ?? 'not there', text }, text: text.trimEnd() }
}
