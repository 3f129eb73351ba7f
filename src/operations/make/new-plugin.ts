import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { unwritable } from '../../host/disk/disk-problem.ts'
import { isErrno } from '../../host/disk/errno.ts'
import { MFSERV_HOME } from '../../host/home/paths.ts'
import { Problem } from '../../problem.ts'
import type { RenderedFile } from '../../template/render.ts'

/** The text of every file below `templates/`, by its path there. */
export function readTemplateSources(): ReadonlyMap<string, string> {
  const root = join(MFSERV_HOME, 'templates')
  const entries = readdirSync(root, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile())
  return new Map(
    entries.map((entry) => {
      const file = join(entry.parentPath, entry.name)
      return [relative(root, file), readFileSync(file, 'utf8')] as const
    }),
  )
}

/** A new plugin may not take the place of anything, whatever it is. */
export function existing(home: string): Problem | undefined {
  if (lstatSync(home, { throwIfNoEntry: false }) === undefined) return undefined
  const fix = 'Choose another name, work in another directory, or remove it first.'
  return new Problem('PLUGIN_EXISTS', `${basename(home)} is there already`, fix, { file: home })
}

/**
 * Writes a new plugin as a whole: it is built in a hidden directory beside and renamed, so `home` appears complete or not
 * at all. Throws `PLUGIN_EXISTS` or `DISK`, and leaves nothing behind then.
 */
export function writePlugin(home: string, files: readonly RenderedFile[]): void {
  writeWhole(home, files, () => undefined)
}

/** The same, beside what `fill` puts into the directory first. */
export function writeWhole(home: string, files: readonly RenderedFile[], fill: (directory: string) => void): void {
  const taken = existing(home)
  if (taken !== undefined) throw taken
  const candidate = join(dirname(home), `.${process.pid}-new-plugin.tmp`)
  try {
    mkdirSync(candidate)
    fill(candidate)
    for (const file of files) writeRendered(candidate, file)
    renameSync(candidate, home)
  } catch (error) {
    rmSync(candidate, { recursive: true, force: true })
    throw asProblem(error, home)
  }
}

function writeRendered(directory: string, { path, text, mode }: RenderedFile): void {
  const file = join(directory, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  if (mode !== 0o644) chmodSync(file, mode)
}

function asProblem(error: unknown, home: string): unknown {
  const taken = isErrno(error, 'ENOTEMPTY') || isErrno(error, 'EEXIST') ? existing(home) : undefined
  if (taken !== undefined) return taken
  return error instanceof Error && 'syscall' in error ? unwritable(error, home) : error
}
