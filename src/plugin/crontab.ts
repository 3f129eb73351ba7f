import { oldWords } from '../config/names/old-names.ts'
import { processValueProblem } from '../config/process-value.ts'
import { render, type Variables } from '../config/variables.ts'
import { isZone, type ReadSchedule, readFields, readNamed } from '../cron/schedule.ts'
import { isWarning, Problem, type Where } from '../problem.ts'
import { sizeProblem } from './file-size.ts'
import type { SourceFile } from './layer-files.ts'
import type { CronJob } from './plugin.ts'

export interface ReadCrontab {
  readonly jobs: readonly CronJob[]
  readonly problems: readonly Problem[]
}

interface Line {
  readonly written: string
  readonly where: CronJob['where']
}

/** `NAME=value`; blanks around the sign and quotes around either side are allowed. */
const ASSIGNMENT = /^(?:"(\w+)"|'(\w+)'|([A-Za-z_]\w*))\s*=\s*(.*)$/
const EXAMPLE = '10 3 * * * my_command'

/** Each is a record on the disk and a due time that the daemon looks for. */
const MOST_JOBS = 1000
/** Each job has a copy of those above it. */
const MOST_VARIABLES = 200
const FIX_SIZE = 'Let one line run a script of the plugin that does what many lines do.'

/** The jobs of a crontab as crontab(5) describes it, `{{NAME}}` filled in, with everything that is wrong with it at once. */
export function readCrontab(source: SourceFile | undefined, variables: Variables): ReadCrontab {
  const large = source && sizeProblem(source, FIX_SIZE)
  if (large !== undefined) return { jobs: [], problems: [large] }
  const jobs = new Map<string, CronJob>()
  const problems: Problem[] = []
  let env: Readonly<Record<string, string>> = {}
  for (const { written, where } of linesOf(source)) {
    const { text, problems: unknown } = render(written, variables, where, problems.length)
    problems.push(...unknown.map(unfilled))
    const [, double, single, bare, value = ''] = ASSIGNMENT.exec(text) ?? []
    const name = double ?? single ?? bare
    if (name !== undefined) {
      env = { ...env, [name]: unquoted(value) }
      if (Object.keys(env).length > MOST_VARIABLES) {
        return tooMany(`it sets more than ${MOST_VARIABLES} variables`, 'Set them in a script of the plugin.', where)
      }
      problems.push(...processValueProblem('CRONTAB_LINE', name, unquoted(value), where))
      problems.push(...assignmentProblems(name, unquoted(value), where))
      continue
    }
    const unfit = processValueProblem('CRONTAB_LINE', 'the command', text, where)
    if (unfit.length > 0) {
      problems.push(...unfit)
      continue
    }
    const job = readJob({ written, where }, text, env)
    if ('problems' in job) {
      problems.push(...job.problems)
      continue
    }
    problems.push(...oldWords(job.command, where))
    const first = jobs.get(job.name)
    if (first !== undefined) problems.push(duplicate(job, first))
    else jobs.set(job.name, job)
    if (jobs.size > MOST_JOBS) return tooMany(`it has more than ${MOST_JOBS} jobs`, FIX_SIZE, where)
  }
  return { jobs: [...jobs.values()], problems }
}

function tooMany(message: string, fix: string, where: Where): ReadCrontab {
  return { jobs: [], problems: [new Problem('TOO_LARGE', message, fix, where)] }
}

function linesOf(source: SourceFile | undefined): readonly Line[] {
  if (source === undefined) return []
  return source.text
    .split(/\r?\n/)
    .map((line, index) => ({ written: line.trim(), where: { file: source.file, line: index + 1 } }))
    .filter(({ written }) => written !== '' && !written.startsWith('#'))
}

function unquoted(value: string): string {
  return /^(["'])(.*)\1$/.exec(value)?.[2] ?? value
}

function assignmentProblems(name: string, value: string, where: Where): readonly Problem[] {
  if (name === 'CRON_TZ' && !isZone(value)) {
    return [refused(`there is no time zone "${value}"`, 'Write a name such as Europe/Paris or UTC.', where)]
  }
  if (name === 'SHELL' && !value.startsWith('/')) {
    return [refused(`SHELL is "${value}"`, 'Write the absolute path of a shell, such as /bin/bash.', where)]
  }
  const [variable] = /\$(?:[A-Z_]\w*|\{[A-Z_]\w*\})/.exec(value) ?? []
  if (variable === undefined) return []
  const fix = `Set it in the command, which a shell runs: ${name}=${value} my_command`
  return [new Problem('CRONTAB_LITERAL', `${name} holds ${variable}, which nothing replaces in a crontab`, fix, where)]
}

function readJob(
  { written, where }: Line,
  text: string,
  env: CronJob['env'],
): CronJob | { readonly problems: readonly Problem[] } {
  const count = text.startsWith('@') ? 1 : 5
  const read = readTime(text.split(/\s+/, count), count, text)
  const command = textAfter(text, count)
  const faults = 'faults' in read ? read.faults : commandFaults(command)
  if ('faults' in read || faults.length > 0) {
    return { problems: faults.map(({ message, fix }) => refused(message, fix, where)) }
  }
  return {
    where,
    // What is written, so that a changed setting does not make another job of it.
    name: written.replaceAll(/\s+/g, ' '),
    schedule: read.schedule,
    ...commandAndInput(command),
    shell: env['SHELL'] ?? '/bin/sh',
    zone: env['CRON_TZ'],
    env,
  }
}

function readTime(words: readonly string[], count: 1 | 5, text: string): ReadSchedule {
  const [name = ''] = words
  if (count === 1) return readNamed(name)
  if (words.length === count) return readFields(words)
  const message = `"${text}" is not five time fields and a command`
  return { faults: [{ message, fix: `Write minute, hour, day, month, day of the week and the command, such as ${EXAMPLE}` }] }
}

function textAfter(text: string, words: number): string {
  return new RegExp(`^(?:\\S+\\s+){${words}}(.*)$`).exec(text)?.[1] ?? ''
}

function commandFaults(command: string) {
  if (command === '')
    return [{ message: 'there is no command after the time', fix: `Write it behind the time, such as ${EXAMPLE}` }]
  if (!/^\*(\s|$)/.test(command)) return []
  return [{ message: 'there are six time fields', fix: 'Remove one: the first of the five is the minute, there are no seconds.' }]
}

/** `%` ends the command, and what follows is its input, with a line end for each further `%`; `\%` is a plain percent sign. */
function commandAndInput(written: string): { readonly command: string; readonly input: string | undefined } {
  const [command = '', ...input] = written.split(/(?<!\\)%/).map((part) => part.replaceAll('\\%', '%'))
  return { command: command.trim(), input: input.length === 0 ? undefined : `${input.join('\n')}\n` }
}

function duplicate(job: CronJob, first: CronJob): Problem {
  const message = `the same job is in line ${first.where.line} already, so this line has no effect`
  return new Problem('CRONTAB_DUPLICATE', message, 'Remove one of the two lines.', job.where)
}

/** What reads as empty elsewhere is refused here: `rm -r {{DIRECTORY}}/old` must not become `rm -r /old`. */
function unfilled(problem: Problem): Problem {
  const { code, message, fix, where } = problem
  if (isWarning(code) && code !== 'INI_UNKNOWN_VARIABLE') return problem
  const isUnknown = code === 'INI_UNKNOWN_VARIABLE'
  return new Problem(
    'CRONTAB_LINE',
    message.replace(', so it reads as empty', ''),
    isUnknown ? fix : `${fix} Put a command that needs such braces into a script of the plugin.`,
    where,
  )
}

function refused(message: string, fix: string, where: Where): Problem {
  return new Problem('CRONTAB_LINE', message, fix, where)
}
