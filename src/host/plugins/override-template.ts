import { rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { LATER_INI, parseIni } from '../../config/ini.ts'
import type { Variables } from '../../config/variables.ts'
import type { Plugin } from '../../plugin/plugin.ts'
import { overrideTemplate } from '../../plugin/rewrite/override-template.ts'
import { Problem } from '../../problem.ts'
import { writeAtomically } from '../disk/atomic.ts'
import { digest } from '../disk/digest.ts'
import { readText } from '../disk/read-text.ts'
import type { Paths } from '../home/paths.ts'
import { overrideFiles } from './override-files.ts'

/** What the last line of a template begins with. The number says whether a person has changed the lines above it. */
const SEAL = '# Written by mfserv: '

/**
 * Writes the commented override file of an installed plugin into the runtime home. One that a person has changed stays as it
 * is: the new text goes beside it, and the warning says so.
 */
export function writeOverrideTemplate(
  name: string,
  plugin: Plugin,
  paths: Paths,
  variables: Variables,
  env: NodeJS.ProcessEnv = process.env,
): Problem | undefined {
  const { user: file, site } = overrideFiles(name, paths, env)
  const configIni = join(plugin.home, 'config.ini')
  const text = sealed(overrideTemplate(name, { file: configIni, text: readText(configIni, []) ?? '' }, site, variables))
  const before = readText(file, [])
  if (before === undefined || isUntouched(before)) {
    if (before !== text) writeAtomically(file, text)
    rmSync(newFile(file), { force: true })
    return undefined
  }
  // Made from the same text: there is nothing new in it.
  if (sealOf(before) === sealOf(text)) return undefined
  writeAtomically(newFile(file), text)
  const fix = `Your values stay in force. Take over from ${basename(newFile(file))} what you need, and delete it.`
  const message = `${file} was changed by a person, so it stays; what can be overridden now stands in ${newFile(file)}`
  return new Problem('OVERRIDE_KEPT', message, fix, { file })
}

/** Removes the override file of a plugin that is uninstalled, unless a value stands in it. */
export function removeOverrideTemplate(
  name: string,
  paths: Paths,
  env: NodeJS.ProcessEnv = process.env,
): 'removed' | 'kept' | 'absent' {
  const { user: file } = overrideFiles(name, paths, env)
  rmSync(newFile(file), { force: true })
  const problems: Problem[] = []
  const text = readText(file, problems)
  if (text === undefined) return problems.length > 0 ? 'kept' : 'absent'
  const { sections, problems: wrong } = parseIni(text, file, LATER_INI)
  if (wrong.length > 0 || sections.some(({ entries }) => entries.length > 0)) return 'kept'
  rmSync(file)
  return 'removed'
}

function newFile(file: string): string {
  return `${file}.new`
}

function sealed(text: string): string {
  return `${text}\n${SEAL}${digest(text)}\n`
}

function isUntouched(text: string): boolean {
  const at = text.lastIndexOf(`\n${SEAL}`)
  return at >= 0 && sealed(text.slice(0, at)) === text
}

function sealOf(text: string): string | undefined {
  return text.split('\n').findLast((one) => one.startsWith(SEAL))
}
