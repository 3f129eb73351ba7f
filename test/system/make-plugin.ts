import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../src/problem.ts'
import { findTemplate } from '../../src/template/templates.ts'
import { CLONE, develop, execute, type Ran, type World, writeFile } from './world.ts'

/** What a person types in the directory of a plugin. */
export function make(world: World, home: string, target = 'develop'): Promise<Ran> {
  return execute('make', [target], { in: home, env: { MFSERV_HOME: CLONE, MFMODULE_RUNTIME_HOME: world.home } })
}

/** The same, and it must succeed. */
export async function mustMake(world: World, home: string, target = 'develop'): Promise<Ran> {
  const ran = await make(world, home, target)
  if (ran.code !== 0) throw new Error(`make ${target} ended with ${ran.code}\n${ran.stdout}${ran.stderr}`)
  return ran
}

/**
 * What these targets of `make` do, without make and the programs it starts, for a test that is about what is built. The file of
 * `release` is built from what was made before, or makes it. `develop` runs no postinstall.
 */
export async function build(world: World, home: string, target: 'all' | 'develop' | 'release' = 'develop'): Promise<Ran> {
  const ran = await world.run(target === 'release' ? '_plugins.release' : '_plugins.make', [], { in: home })
  if (target === 'develop' && ran.code === 0) await develop(world, home)
  return ran
}

/** The same, and it must succeed. */
export async function mustBuild(world: World, home: string, target: 'all' | 'develop' | 'release' = 'develop'): Promise<Ran> {
  const ran = await build(world, home, target)
  if (ran.code !== 0) throw new Error(`${target} of ${home} ended with ${ran.code}\n${ran.stdout}${ran.stderr}`)
  return ran
}

/** Creates a plugin as a person does who answers every question, in the documented order; a choice by its number. */
export async function bootstrapByPipe(world: World, name: string, template: string, answers: readonly string[]): Promise<string> {
  const input = answers.map((line) => `${line}\n`).join('')
  const { stdout } = await world.must('bootstrap_plugin.py', ['create', `--template=${template}`, name], {
    in: world.home,
    input,
  })
  if (stdout.includes('keep their defaults')) throw new Error(`an answer is missing:\n${stdout}`)
  return join(world.home, name)
}

/** What a person answers to a template, in the order in which it asks: the type by its number where it is asked, defaults elsewhere. */
export function answersTo(template: string, type: string, workers: number): readonly string[] {
  const found = findTemplate(template)
  if (found instanceof Problem) throw found
  const given: Readonly<Record<string, string>> = { version: '1.0', one_line_summary: 'A test', workers: String(workers) }
  return found.questions.map((asked) => {
    if (asked.kind !== 'choice') return given[asked.name] ?? ''
    return String(asked.name === 'type' ? asked.choices.indexOf(type) + 1 : 1)
  })
}

/** A `[general]` with all that it needs. */
export const GENERAL = '[general]\nversion=1.0\nsummary=x\nlicense=x\nurl=http://x\nmaintainer=x\nvendor=x\n'

/** A plugin written by hand, with the Makefile of every plugin and the lines of `makefile` below it. */
export function writtenPlugin(world: World, name: string, files: Readonly<Record<string, string>>, makefile = ''): string {
  const home = join(world.home, name)
  writeFile(join(home, 'Makefile'), readFileSync(join(CLONE, 'templates/_every/Makefile'), 'utf8') + makefile)
  writeFile(join(home, '.layerapi2_label'), `plugin_${name}@mfserv\n`)
  for (const [path, text] of Object.entries(files)) writeFile(join(home, path), text)
  return home
}
