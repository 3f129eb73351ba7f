import { recordMfservHome } from '../../host/home/mfserv-home.ts'
import { pathsOf, runtimeHome } from '../../host/home/paths.ts'
import { adoptInPlace, planAdoption } from '../../operations/make/adopt.ts'
import { formatProblem } from '../../problem.ts'
import { adoptedData, adoptedText } from '../adopted.ts'
import { progress, type Result } from '../output.ts'

interface AdoptOptions {
  readonly name?: string
  readonly type?: string
  readonly dryRun?: true
}

export async function run([directory]: readonly [string], { name, type, dryRun }: AdoptOptions): Promise<Result> {
  const planned = planAdoption({ directory, name, type })
  const { home, adoption } = planned
  const where = { home, is: dryRun === true ? 'would' : 'done', notes: [] } as const
  if (dryRun !== true) {
    adoptInPlace(planned)
    const unrecorded = recordMfservHome(pathsOf(runtimeHome()))
    if (unrecorded !== undefined) progress(formatProblem(unrecorded))
  }
  return { data: adoptedData(adoption, where), text: adoptedText(adoption, where), exitCode: dryRun === true ? 2 : 0 }
}
