import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withScratch } from '../../home/scratch.ts'
import type { Blame, FreezeInput, InstallInput, ToolInput } from '../python-builder.ts'
import type { Requirements, WrittenLine, WrittenOption } from './read-requirements.ts'

export interface Given {
  /** The file gets the name that people know. */
  readonly name: string
  readonly directory: string
  readonly asked: Requirements
  readonly blame: Omit<Blame, 'given'>
  /** Lines that the tool has from elsewhere stand in it as comments, so that their numbers fit. */
  readonly isElsewhere?: (line: WrittenLine) => boolean
}

/**
 * Lends one requirements file with everything of `asked` but the local packages. It is in a directory that only this user
 * can read: an index may have a password in its address.
 */
export async function withInput<T>(given: Given, work: (input: ToolInput) => Promise<T>): Promise<T> {
  const { name, directory, asked, blame, isElsewhere = () => false } = given
  const lines = [...asked.options.map(optionLine), ...asked.packages]
  return await withScratch('mfserv-requirements-', async (scratch) => {
    const requirements = join(scratch, name)
    writeFileSync(requirements, textOf(lines.map((line) => (isElsewhere(line) ? { ...line, text: `# ${line.text}` } : line))))
    const constraints = join(scratch, 'constraints.txt')
    if (asked.constraints.length > 0) writeFileSync(constraints, textOf(asked.constraints))
    return await work({
      requirements,
      constraints: asked.constraints.length > 0 ? ['--constraint', constraints] : [],
      directory,
      blame: { ...blame, given: lines },
    })
  })
}

export function withFreezeInput<T>(
  given: Given & Pick<FreezeInput, 'pyproject' | 'lock' | 'before'>,
  work: (input: FreezeInput) => Promise<T>,
): Promise<T> {
  const { asked, pyproject, lock, before } = given
  // A local package is asked for by its directory: what it needs itself is frozen as well.
  const directories = asked.locals
    .filter(({ isItself }) => isItself !== true)
    .map(({ directory, extras, marker, where }) => ({
      text: `${directory}${extras}${marker === '' ? '' : ` ; ${marker}`}`,
      where,
    }))
  const whole = { ...asked, packages: [...asked.packages, ...directories] }
  return withInput({ ...given, asked: whole }, (input) => work({ ...input, pyproject, lock, before, options: asked.options }))
}

export function withInstallInput<T>(given: Given, work: (input: InstallInput) => Promise<T>): Promise<T> {
  const { locals, options } = given.asked
  return withInput(given, (input) => work({ ...input, locals, options }))
}

function optionLine({ name, value, where }: WrittenOption): WrittenLine {
  return { text: value === '' ? name : `${name} ${value}`, where }
}

function textOf(lines: readonly WrittenLine[]): string {
  return lines.map(({ text }) => `${text}\n`).join('')
}
