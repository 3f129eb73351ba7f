import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { reportProblem } from '../../../control/report-problem.ts'
import { writeAtomically } from '../../../host/disk/atomic.ts'
import { type Paths, pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { withScratchOf } from '../../../host/home/scratch.ts'
import { userConfig } from '../../../host/module/read-config.ts'
import { type Changed, replaceConfig, textNow } from '../../../operations/module/change-config.ts'
import { formatProblem, Problem, Problems } from '../../../problem.ts'
import { progress, type Result } from '../../output.ts'
import { prompt } from '../../prompt.ts'
import { placeText } from './place.ts'
import { isTaken, problemsIn, takenText } from './text.ts'

export async function run(): Promise<Result> {
  const paths = pathsOf(runtimeHome())
  const file = userConfig(paths)
  const before = textNow(file)
  const changed = await withScratchOf(paths, 'config_edit', async (scratch) => {
    const copy = join(scratch, 'config.ini')
    writeFileSync(copy, before, { mode: 0o600 })
    return await editUntilRight(paths, before, copy)
  })
  if (changed === undefined) return { data: { file, changed: false }, text: 'Nothing was changed.' }
  const { report, read } = changed
  const taken = isTaken(report)
  const problems = [...read.problems.map(reportProblem), ...(taken || report === undefined ? [] : problemsIn(report))]
  const text = [`${placeText({ file }, paths)} is written.`, ...takenText(report), ...read.problems.map(formatProblem)]
  return {
    data: { file, changed: true, taken: report === undefined ? null : taken, problems },
    text: text.join('\n'),
    exitCode: taken ? 0 : 1,
  }
}

/** Undefined when nothing is to be changed. What has a mistake is edited again, or given up. */
async function editUntilRight(paths: Paths, before: string, copy: string): Promise<Changed | undefined> {
  for (;;) {
    await openEditor(copy)
    const text = readFileSync(copy, 'utf8')
    if (text === before) return undefined
    try {
      return await replaceConfig(paths, process.env, before, text)
    } catch (error) {
      if (!(error instanceof Problems) || !process.stdin.isTTY) {
        keep(paths, text)
        throw error
      }
      progress(error.all.map(formatProblem).join('\n'))
      if (!(await wantsAgain())) return undefined
    }
  }
}

/** The work of a person is not lost because it cannot be taken. */
function keep(paths: Paths, text: string): void {
  const file = join(paths.tmp, 'config.ini.edited')
  writeAtomically(file, text)
  progress(`Nothing was changed. What you wrote is in ${file}`)
}

async function wantsAgain(): Promise<boolean> {
  const question = { kind: 'choice', name: 'next', choices: ['edit it again', 'leave everything as it was'] } as const
  const answers = await prompt([question], { input: process.stdin, output: process.stderr, answers: 'person' })
  return answers['next'] === question.choices[0]
}

/** The program that a person has chosen, with the options that stand behind its name. */
function openEditor(file: string): Promise<void> {
  const chosen = [process.env['VISUAL'], process.env['EDITOR']].find((one) => one !== undefined && one.trim() !== '') ?? 'vi'
  const [program = '', ...options] = chosen.trim().split(/\s+/)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const child = spawn(program, [...options, file], { stdio: 'inherit' })
  child.on('error', (cause) => {
    const fix = 'Set VISUAL or EDITOR to a program that edits a file, such as nano.'
    reject(new Problem('TOOL_MISSING', `the editor ${program} cannot be run: ${cause.message}`, fix, undefined, cause))
  })
  child.on('exit', (code, signal) => {
    if (code === 0) resolve()
    else
      reject(new Problem('USAGE', `the editor ${program} ended with ${signal ?? code}, so nothing was changed`, 'Run it again.'))
  })
  return promise
}
