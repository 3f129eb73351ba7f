import { command } from './shared.ts'

/** Commands that look back at what was logged. */
export const LOG_COMMANDS = [
  command({
    words: ['logs'],
    summary: 'Show the logs of plugins, of nginx and of mfserv itself, merged in the order of time.',
    more: 'Rotated files are read as well. Without --since it shows the last 200 records. With --json it prints one JSON object for each record, a line each. The exit code is 1 if there is none.',
    arguments: [
      {
        name: 'NAME',
        often: 'perhaps',
        is: 'plugin',
        says: 'only what this plugin wrote, and what nginx and mfserv wrote about it; default: everything',
      },
    ],
    options: [
      { flag: '--follow', short: 'f', says: 'go on with what is written from now on, until Ctrl-C' },
      {
        flag: '--since',
        value: 'MOMENT',
        says: 'all from this moment on: 10m, 2h or 1d ago, 14:02, 2026-11-29, or 2026-11-29T14:02:30Z',
      },
      { flag: '--level', value: 'LEVEL', says: 'only this level and above: DEBUG, INFO, WARNING, ERROR or CRITICAL' },
      { flag: '--grep', value: 'EXPRESSION', says: 'only records in which this regular expression is found' },
      {
        flag: '--request-id',
        value: 'ID',
        says: 'only what belongs to the request with this id: the X-Request-Id of its answer',
      },
      {
        flag: '--cron',
        value: 'JOB',
        says: 'only this cron job: its id, the beginning of its id, or with NAME its line in the crontab',
      },
      { flag: '--lines', short: 'n', value: 'LINES', says: 'the last so many records; default: 200, with --follow 10' },
    ],
    examples: [
      ['-f blog', 'what the plugin "blog" writes, and what is asked of it, as it happens'],
      ['--level ERROR --since 14:02', 'what has failed since two minutes past two'],
    ],
    load: () => import('../commands/logs/logs.ts'),
  }),
  command({
    words: ['slow'],
    summary: 'Show who was slow: the slowest requests of a time, and the apps and paths that took most time in sum.',
    more: 'It reads the access log, rotated files included. Without --at and --since it looks at the last ten minutes.',
    arguments: [{ name: 'NAME', often: 'perhaps', is: 'plugin', says: 'only the requests of this plugin' }],
    options: [
      {
        flag: '--at',
        value: 'MOMENT',
        says: 'the minute that begins then, such as 14:02: all requests that were under way in it',
      },
      {
        flag: '--since',
        value: 'MOMENT',
        says: 'from this moment on: 10m, 2h or 1d ago, 14:02, 2026-11-29, or 2026-11-29T14:02:30Z',
      },
      { flag: '--lines', short: 'n', value: 'LINES', says: 'so many requests, apps and paths; default: 10' },
    ],
    examples: [
      ['--at 14:02', 'who was slow at two minutes past two'],
      ['blog --since 1d -n 30', 'the thirty slowest requests of the plugin "blog" of the last day'],
    ],
    load: () => import('../commands/logs/slow.ts'),
  }),
  command({
    words: ['send_logs'],
    summary: 'Send log records where [log] says (json_file, send_to), in the foreground.',
    more: 'The daemon starts it and ends it.',
    examples: [
      ['', 'send what is logged from now on'],
      ['--json', 'the same; if it cannot start, print the problem as JSON'],
    ],
    load: () => import('../commands/logs/send.ts'),
  }),
  command({
    words: ['metrics'],
    summary: 'Count requests and serve /metrics where [metrics] says (listen), in the foreground.',
    more: 'The daemon starts it and ends it.',
    examples: [
      ['', 'serve the numbers'],
      ['--json', 'the same; if it cannot start, print the problem as JSON'],
    ],
    load: () => import('../commands/logs/metrics.ts'),
  }),
  command({
    words: ['audit'],
    summary: 'Show who changed what: every command that changed a plugin, a setting or mfserv itself.',
    more: 'With the user, the terminal, the client of an ssh login, the words as typed without secrets, and what came of it. Without --since it shows the last 50.',
    arguments: [{ name: 'NAME', often: 'perhaps', is: 'plugin', says: 'only what was done to this plugin' }],
    options: [
      {
        flag: '--since',
        value: 'MOMENT',
        says: 'all from this moment on: 10m, 2h or 1d ago, 14:02, 2026-11-29, or 2026-11-29T14:02:30Z',
      },
      { flag: '--lines', short: 'n', value: 'LINES', says: 'the last so many commands; default: 50' },
    ],
    examples: [
      ['blog', 'what was done to the plugin "blog", oldest first'],
      ['--since 1d --json', 'all of the last day, as JSON'],
    ],
    load: () => import('../commands/logs/audit.ts'),
  }),
]
