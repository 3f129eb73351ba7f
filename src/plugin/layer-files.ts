import { oldName, presentName } from '../config/names/old-names.ts'
import { processValueProblem } from '../config/process-value.ts'
import { Problem, type Where } from '../problem.ts'
import { validateName } from './name.ts'
import type { Plugin } from './plugin.ts'

/** A file of a plugin: its text, and its name as the user should read it. */
export interface SourceFile {
  readonly file: string
  readonly text: string
}

/** The plugin's name, from the label `plugin_<name>@mfserv`. */
export function readLabel({ file, text }: SourceFile): { readonly name: string } | { readonly problem: Problem } {
  const label = text.trim()
  const [, name] = /^plugin_(.*)@mfserv$/.exec(label) ?? []
  if (name === undefined) {
    const fix = 'Write one line: plugin_<name>@mfserv'
    return { problem: new Problem('PLUGIN_LABEL', `the label is ${JSON.stringify(label)}`, fix, { file, line: 1 }) }
  }
  const problem = validateName(name, { file, line: 1 })
  return problem === undefined ? { name } : { problem }
}

/** One label or directory in each line; a `-` in front makes it optional. */
export function readDependencies(source: SourceFile | undefined): Plugin['dependencies'] {
  return linesOf(source).map(({ line, where }) => ({ label: line.replace(/^-\s*/, ''), optional: line.startsWith('-'), where }))
}

/** Lines that mean nothing although they were most likely to name a plugin. */
export function dependencyProblems(source: SourceFile | undefined): readonly Problem[] {
  return readDependencies(source)
    .filter(({ label }) => /^plugin_[\w-]+$/.test(label))
    .map(({ label, optional, where }) => {
      const fix = `Write ${optional ? '-' : ''}${label}@mfserv.`
      return new Problem('LAYER_LABEL', `the line "${label}" has no effect: it is not the label of a plugin`, fix, where)
    })
}

/** `KEY=VALUE` lines. A `{VAR}` stays as it is written. */
export function readExtraEnv(source: SourceFile | undefined) {
  const values = new Map<string, string>()
  const problems: Problem[] = []
  for (const { line, where } of linesOf(source)) {
    const [, name, value = ''] = /^([A-Za-z_]\w*)\s*=\s*(.*)$/.exec(line) ?? []
    if (name === undefined)
      problems.push(new Problem('INI_SYNTAX', `cannot read ${JSON.stringify(line)}`, 'Write NAME=value.', where))
    else {
      problems.push(...processValueProblem('INI_BAD_VALUE', name, value, where))
      for (const [, old = ''] of value.matchAll(/\{(\w+)\}/g)) {
        const now = presentName(old)
        if (now !== old) problems.push(oldName(old, now, where))
      }
      values.set(name, value)
    }
  }
  return { extraEnv: Object.fromEntries(values), problems }
}

function linesOf(source: SourceFile | undefined): readonly { readonly line: string; readonly where: Where }[] {
  if (source === undefined) return []
  return source.text
    .split(/\r?\n/)
    .map((line, index) => ({ line: line.trim(), where: { file: source.file, line: index + 1 } }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'))
}
