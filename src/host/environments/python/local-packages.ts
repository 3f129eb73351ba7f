import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Problem } from '../../../problem.ts'
import { withScratch } from '../../home/scratch.ts'
import type { InstallInput, ToolInput } from '../python-builder.ts'
import { type LocalPackage, NOTHING } from './read-requirements.ts'
import { withInput } from './tool-input.ts'

const MOST_FILES = 50_000

/** What tools leave in a directory, and what no package is made of. */
const LEFT_OUT =
  /^(?:\.(?:git|hg|svn|venv|tox|nox|mypy_cache|pytest_cache|ruff_cache|idea|vscode)|__pycache__|node_modules|.*\.egg-info|.*\.pyc|.*\.plugin)$/
const LEFT_OUT_ABOVE = /^(?:build|dist|local|venv|tmp_build|python[23]_virtualenv_sources)$/

/** Decides whether a package that is used where it lies has to be installed again: an edit of its code is seen without. */
const BUILT_FROM = /^(?:pyproject\.toml|setup\.(?:py|cfg)|Cargo\.toml)$|\.(?:c|cc|cpp|h|hpp|pyx|pxd|rs|f90)$/

/** Changes when the packages have to be installed again. Empty without any. */
export function installedPrint(locals: readonly LocalPackage[]): string {
  return print(locals, (name) => BUILT_FROM.test(name))
}

/** Changes when the wheels of the packages have to be built again. */
export function wheelPrint(locals: readonly LocalPackage[]): string {
  return print(locals, () => true)
}

function print(locals: readonly LocalPackage[], isCounted: (name: string) => boolean): string {
  if (locals.length === 0) return ''
  const hash = createHash('sha256')
  for (const { directory, where } of locals) {
    hash.update(`${directory}\n`)
    for (const path of filesBelow(directory, where)) {
      if (isCounted(basename(path))) hash.update(`${path}\n`).update(readFileSync(join(directory, path)))
    }
  }
  return hash.digest('hex').slice(0, 16)
}

/**
 * Lends the input of a tool with the local packages alone, whose needs are frozen with the others. `edited`: installed so
 * that an edit is seen. `copied`: from copies, in which what tools leave behind is not.
 */
export async function withLocalInput(
  { locals, options, directory, blame }: InstallInput,
  how: 'edited' | 'as they are' | 'copied',
  work: (input: ToolInput) => Promise<void>,
): Promise<void> {
  if (locals.length === 0) return
  await withScratch('mfserv-local-packages-', async (scratch) => {
    const packages = locals.map((local, index) => {
      const from = how === 'copied' ? copyOf(local, join(scratch, String(index))) : local.directory
      return { text: how === 'edited' ? `-e ${from}` : from, where: local.where }
    })
    const written = options.map((option) => ({ ...option, where: { file: blame.file, line: 1 } }))
    const asked = { ...NOTHING, packages, options: written }
    const stage = blame.stage === 'frozen' ? 'asked' : blame.stage
    await withInput({ name: 'local-packages.txt', directory, asked, blame: { ...blame, stage } }, work)
  })
}

/** With the same rights for everybody: they go into the wheel. */
function copyOf({ directory, where }: LocalPackage, into: string): string {
  const to = join(into, basename(directory))
  mkdirSync(to, { recursive: true })
  for (const path of filesBelow(directory, where)) {
    const file = join(to, path)
    mkdirSync(join(file, '..'), { recursive: true })
    copyFileSync(join(directory, path), file)
    chmodSync(file, (statSync(file).mode & 0o111) === 0 ? 0o644 : 0o755)
  }
  return to
}

function filesBelow(directory: string, where: LocalPackage['where']): readonly string[] {
  const files: string[] = []
  const walk = (below: string): void => {
    for (const entry of readdirSync(join(directory, below), { withFileTypes: true })) {
      if (LEFT_OUT.test(entry.name) || (below === '' && LEFT_OUT_ABOVE.test(entry.name))) continue
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) walk(path)
      else if (statSync(join(directory, path), { throwIfNoEntry: false })?.isFile() === true) files.push(path)
      if (files.length > MOST_FILES) throw tooMany(directory, where)
    }
  }
  walk('')
  return files.sort()
}

function tooMany(directory: string, where: LocalPackage['where']): Problem {
  const message = `the local package ${directory} has more than ${MOST_FILES} files`
  return new Problem('BUILD_FAILED', message, 'Name the directory of the package alone, not one above it.', where)
}
