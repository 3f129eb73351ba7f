import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { type BuiltPart, buildPlugin } from '../../../src/host/environments/build.ts'
import type { BuildTools, PythonTools } from '../../../src/host/programs/tools.ts'
import { readTemplateSources, writePlugin } from '../../../src/operations/make/new-plugin.ts'
import { Problem } from '../../../src/problem.ts'
import { ask, withFallbacks } from '../../../src/template/questions.ts'
import { render } from '../../../src/template/render.ts'
import { findTemplate } from '../../../src/template/templates.ts'

export const ROOT = mkdtempSync(join(tmpdir(), 'mfserv-build-'))
export const FROZEN = 'python3_virtualenv_sources/requirements3.txt'
export const NO_PYTHON = (): PythonTools => assert.fail('Python was asked for')

after(() => rmSync(ROOT, { recursive: true, force: true }))

export function plugin(template: string, files: Readonly<Record<string, string>> = {}): string {
  const found = findTemplate(template)
  if (found instanceof Problem) throw found
  const home = join(realpathSync(mkdtempSync(join(ROOT, 'plugin-'))), 'shop')
  writePlugin(home, render(found, 'shop', withFallbacks(ask(found.questions)), readTemplateSources()))
  for (const [file, text] of Object.entries(files)) put(home, file, text)
  return home
}

export function build(
  home: string,
  python: PythonTools | (() => PythonTools) = NO_PYTHON,
  env: NodeJS.ProcessEnv = {},
): Promise<readonly BuiltPart[]> {
  const tools: BuildTools = {
    python: typeof python === 'function' ? python : () => python,
    python2: () => Promise.reject(new Error('no build here is of Python 2')),
    node: process.execPath,
    environment: { ...process.env, ...env },
  }
  return buildPlugin(home, tools, () => undefined)
}

export async function failure(building: Promise<unknown>): Promise<Problem> {
  const problem = await building.then(
    () => assert.fail('it was built'),
    (error: unknown) => error,
  )
  assert.ok(problem instanceof Problem, String(problem))
  return problem
}

export function run([command, ...words]: readonly [string, ...string[]]): string {
  return execFileSync(command, words, { encoding: 'utf8' })
}

export function inode(home: string, path: string): number {
  return statSync(join(home, path)).ino
}

export function put(home: string, file: string, text: string): void {
  mkdirSync(join(home, file, '..'), { recursive: true })
  writeFileSync(join(home, file), text)
}

export function program(body: string): string {
  const file = join(mkdtempSync(join(ROOT, 'bin-')), 'program')
  writeFileSync(file, `#!/bin/sh\n${body}\n`)
  chmodSync(file, 0o755)
  return file
}

export function make(home: string, words: readonly string[], env: NodeJS.ProcessEnv) {
  const base = { PATH: process.env['PATH'], HOME: join(ROOT, 'nobody') }
  const { status, stdout, stderr } = spawnSync('make', words, { cwd: home, env: { ...base, ...env }, encoding: 'utf8' })
  return { status, stdout, stderr }
}
