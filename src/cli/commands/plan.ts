import { resolve } from 'node:path'
import { isDirectory } from '../../host/releases/plugins-directory.ts'
import { previewInstall } from '../../operations/check/preview.ts'
import { previewFile } from '../../operations/release/preview-file.ts'
import type { Preview } from '../../plan/preview.ts'
import { planResult } from '../dry-run.ts'
import type { Result } from '../output.ts'
import { surroundings } from '../surroundings.ts'
import { requireFile, requireName } from '../written.ts'

interface PlanOptions {
  readonly newName?: string
}

export async function run([written]: readonly [string], { newName }: PlanOptions): Promise<Result> {
  return planResult(await previewOf(written, newName))
}

async function previewOf(written: string, newName: string | undefined): Promise<Preview> {
  requireFile(written)
  requireName(newName)
  const path = resolve(written)
  const at = surroundings()
  if (!isDirectory(path)) return await previewFile(path, newName, at)
  return await previewInstall({ home: path, ...(newName === undefined ? {} : { name: newName }) }, at.paths, at.env)
}
