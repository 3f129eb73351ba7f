import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatProblem } from '../problem.ts'
import { readCrontab } from './crontab.ts'
import type { CronJob } from './plugin.ts'

const VARIABLES = { MFMODULE_HOME: '/opt/mfserv', HOUR: '4' }

test('a crontab is read as crontab(5) describes it', () => {
  const jobs = good(`# nightly

10 {{HOUR}} * * *	{{MFMODULE_HOME}}/bin/plugin_wrapper blog -- clean   --all
  @daily echo hello # no comment here
*/5 8-18 * jan-mar mon,wed  true
`)
  assert.deepEqual(
    jobs.map(({ where, name, schedule, command }) => [where.line, name, schedule, command]),
    [
      [
        3,
        '10 {{HOUR}} * * * {{MFMODULE_HOME}}/bin/plugin_wrapper blog -- clean --all',
        { at: 'times', text: '10 4 * * *', expression: '10 4 * * *' },
        '/opt/mfserv/bin/plugin_wrapper blog -- clean   --all',
      ],
      [
        4,
        '@daily echo hello # no comment here',
        { at: 'times', text: '@daily', expression: '0 0 * * *' },
        'echo hello # no comment here',
      ],
      [
        5,
        '*/5 8-18 * jan-mar mon,wed true',
        { at: 'times', text: '*/5 8-18 * jan-mar mon,wed', expression: '*/5 8-18 * 1-3 1,3' },
        'true',
      ],
    ],
  )
})

test('NAME=value lines hold for the jobs below them; SHELL and CRON_TZ say how and when these run', () => {
  const jobs = good(`@daily one
A=1
B = " two words "
'C' = three
SHELL=/bin/bash
@daily two
CRON_TZ=Europe/Paris
A="it's"
@daily three
`)
  assert.deepEqual(
    jobs.map(({ env, shell, zone }) => ({ env, shell, zone })),
    [
      { env: {}, shell: '/bin/sh', zone: undefined },
      { env: { A: '1', B: ' two words ', C: 'three', SHELL: '/bin/bash' }, shell: '/bin/bash', zone: undefined },
      {
        env: { A: "it's", B: ' two words ', C: 'three', SHELL: '/bin/bash', CRON_TZ: 'Europe/Paris' },
        shell: '/bin/bash',
        zone: 'Europe/Paris',
      },
    ],
  )
})

test('a percent sign ends the command and begins its input, an escaped one is itself', () => {
  const jobs = good('@daily mail -s "100\\%" root%Hello,%%all at 5\\%\n@daily date +\\%F\n')
  assert.deepEqual(
    jobs.map(({ command, input }) => [command, input]),
    [
      ['mail -s "100%" root', 'Hello,\n\nall at 5%\n'],
      ['date +%F', undefined],
    ],
  )
})

test('a plugin without a crontab has no jobs', () => {
  assert.deepEqual(readCrontab(undefined, {}), { jobs: [], problems: [] })
})

test('a line that stands twice is one job and a warning', () => {
  const { jobs, problems } = read('@daily  a b\n@daily a  b\n')
  assert.equal(jobs.length, 1)
  assert.deepEqual(problems.map(formatProblem), [
    'crontab:2  the same job is in line 1 already, so this line has no effect  (CRONTAB_DUPLICATE)\n  Remove one of the two lines.',
  ])
})

test('every mistake is told at once, with its line and its fix', () => {
  const { problems } = read(`0 25 * 1-13 * a
@dialy a
10 3 * *
10 3 * * *
0 10 3 * * * a
@daily
rm -r {{DIR}}/old
0 0 * * * rm -r {{MFMODULE_HOM}}/old
0 0 * * * docker ps --format '{{.Names}}'
CRON_TZ=Europe/Pari
SHELL=bash
0 0 30 2 * a
nightly backup
`)
  assert.equal(
    problems.map(formatProblem).join('\n'),
    `crontab:1  the hour is "25"  (CRONTAB_LINE)
  Write a number from 0 to 23, or * for every one.
crontab:1  the month is "13"  (CRONTAB_LINE)
  Write a number from 1 to 12 or one of jan, feb, mar, apr, may, jun, jul, aug, sep, oct, nov, dec, or * for every one.
crontab:2  there is no time named @dialy  (CRONTAB_LINE)
  Did you mean "@daily"? Write one of @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually, @reboot, or five time fields.
crontab:3  "10 3 * *" is not five time fields and a command  (CRONTAB_LINE)
  Write minute, hour, day, month, day of the week and the command, such as 10 3 * * * my_command
crontab:4  there is no command after the time  (CRONTAB_LINE)
  Write it behind the time, such as 10 3 * * * my_command
crontab:5  there are six time fields  (CRONTAB_LINE)
  Remove one: the first of the five is the minute, there are no seconds.
crontab:6  there is no command after the time  (CRONTAB_LINE)
  Write it behind the time, such as 10 3 * * * my_command
crontab:7  there is no variable DIR  (CRONTAB_LINE)
  Name a variable of the environment, or write the value itself.
crontab:7  "rm -r /old" is not five time fields and a command  (CRONTAB_LINE)
  Write minute, hour, day, month, day of the week and the command, such as 10 3 * * * my_command
crontab:8  there is no variable MFMODULE_HOM  (CRONTAB_LINE)
  Did you mean "MFMODULE_HOME"? Name a variable of the environment, or write the value itself.
crontab:9  "{{.Names}}" is not the name of a variable  (CRONTAB_LINE)
  Write {{NAME}}. Put a command that needs such braces into a script of the plugin.
crontab:10  there is no time zone "Europe/Pari"  (CRONTAB_LINE)
  Write a name such as Europe/Paris or UTC.
crontab:11  SHELL is "bash"  (CRONTAB_LINE)
  Write the absolute path of a shell, such as /bin/bash.
crontab:12  no day is ever 30 2  (CRONTAB_LINE)
  Write a day that the month has.
crontab:13  "nightly backup" is not five time fields and a command  (CRONTAB_LINE)
  Write minute, hour, day, month, day of the week and the command, such as 10 3 * * * my_command`,
  )
})

function good(text: string): readonly CronJob[] {
  const { jobs, problems } = read(text)
  assert.deepEqual(problems.map(formatProblem), [])
  return jobs
}

function read(text: string) {
  return readCrontab({ file: 'crontab', text }, VARIABLES)
}

test('what no process can be given is refused where it stands: a NUL character, a value or a command of more than 128 KiB', () => {
  const long = 'x'.repeat(131_072)
  const { problems } = readCrontab({ file: 'crontab', text: `A=1\0\nB=${long}\n@daily echo \0\n@daily ${long}\n` }, VARIABLES)
  assert.deepEqual(
    problems.map(({ code, message, where }) => [code, where?.line, message]),
    [
      ['CRONTAB_LINE', 1, 'A holds a NUL character, which no process can be given'],
      ['CRONTAB_LINE', 2, 'B is too long for a process: 131075 bytes with its name, of at most 131072'],
      ['CRONTAB_LINE', 3, 'the command holds a NUL character, which no process can be given'],
      ['CRONTAB_LINE', 4, 'the command is too long for a process: 131092 bytes with its name, of at most 131072'],
    ],
  )
})

test('at most 1000 jobs and 200 variables are read, and a crontab of more is refused where it begins to be too many', () => {
  const jobs = (count: number) => Array.from({ length: count }, (_, index) => `@daily job ${index}\n`).join('')
  const variables = (count: number) => Array.from({ length: count }, (_, index) => `V${index}=1\n`).join('')
  const told = (text: string) => {
    const { jobs: found, problems } = read(text)
    return [found.length, ...problems.map(formatProblem)]
  }
  assert.deepEqual(told(jobs(1000)), [1000])
  assert.deepEqual(told(jobs(1001)), [
    0,
    'crontab:1001  it has more than 1000 jobs  (TOO_LARGE)\n  Let one line run a script of the plugin that does what many lines do.',
  ])
  assert.deepEqual(told(`${variables(200)}V0=2\n@daily x\n`), [1])
  assert.deepEqual(told(`${variables(201)}@daily x\n`), [
    0,
    'crontab:201  it sets more than 200 variables  (TOO_LARGE)\n  Set them in a script of the plugin.',
  ])
  assert.deepEqual(told('\n'.repeat(6000)), [
    0,
    'crontab:5001  it has more than 5000 lines  (TOO_LARGE)\n  Let one line run a script of the plugin that does what many lines do.',
  ])
})

test('a value that counts on being filled in by the shell is a warning', () => {
  const { problems, jobs } = readCrontab(
    { file: 'crontab', text: 'PATH=/opt/bin:$PATH\nPRICE=5$\n@daily echo $PATH\n' },
    VARIABLES,
  )
  assert.deepEqual(problems.map(formatProblem), [
    'crontab:1  PATH holds $PATH, which nothing replaces in a crontab  (CRONTAB_LITERAL)\n  Set it in the command, which a shell runs: PATH=/opt/bin:$PATH my_command',
  ])
  assert.equal(jobs.length, 1)
})
