import { CARE_COMMANDS } from './care.ts'
import { CONFIG_COMMANDS } from './config.ts'
import { command, SHELLS } from './shared.ts'

/** Commands for mfserv as a whole. */
export const MODULE_COMMANDS = [
  command({
    words: ['setup'],
    changes: true,
    umask: 'of the caller',
    summary: 'Install what mfserv needs and this machine lacks: nginx, and the Python packages of the framework.',
    options: [
      {
        flag: '--with',
        value: 'NAME[,NAME]',
        says: 'also what only some plugins need: redis (a Redis of their own), lua (Lua in nginx), php (php-fpm)',
      },
    ],
    examples: [
      ['', 'install what is missing'],
      ['--with redis,lua,php', 'the same, and redis-server, the Lua module of nginx and php-fpm'],
    ],
    load: () => import('../commands/setup.ts'),
  }),
  command({
    words: ['start'],
    changes: true,
    launcher: 'mfserv.start',
    summary: 'Start mfserv: nginx and every plugin.',
    more: 'If mfserv is already running, it reads its files again and reports the state.',
    examples: [
      ['', 'start, and wait until the state of every plugin is known'],
      ['--json', 'the same, and print the state as JSON'],
    ],
    load: () => import('../commands/start.ts'),
  }),
  command({
    words: ['stop'],
    changes: true,
    launcher: 'mfserv.stop',
    summary: 'Stop mfserv: plugins, nginx and the daemon.',
    more: 'Requests that are being answered are finished first.',
    examples: [
      ['', 'stop everything'],
      ['--json', 'the same, and print the state as JSON'],
    ],
    load: () => import('../commands/stop.ts'),
  }),
  command({
    words: ['restart'],
    changes: true,
    launcher: 'mfserv.restart',
    summary: 'Restart mfserv without losing a request: a new daemon takes the place of the old one.',
    more: 'nginx and the workers go on. "plugins.restart" gives the plugins new workers. If mfserv does not run, it is started.',
    options: [{ flag: '--no-wait', says: 'do not wait for the plugins: only the new daemon counts for the exit code' }],
    examples: [
      ['', 'restart, and wait until the state of every plugin is known'],
      ['--no-wait', 'return once the new daemon has taken over'],
    ],
    load: () => import('../commands/restart.ts'),
  }),
  command({
    words: ['status'],
    launcher: 'mfserv.status',
    summary: 'Show what should run and what does run.',
    more: 'The exit code is 0 for RUNNING, 2 for DEGRADED, 1 for ERROR, 3 for STOPPED, 4 for STARTING and STOPPING, 5 for DRAINING.',
    examples: [
      ['', 'show mfserv, nginx and every plugin'],
      ['--json', 'the same as JSON, for a monitoring program'],
    ],
    load: () => import('../commands/status.ts'),
  }),
  command({
    words: ['top'],
    launcher: 'plugins.top',
    summary: 'Show what each plugin and worker takes now: memory, processor time, requests a second and their p99.',
    more: 'On a terminal it goes on until Ctrl-C; elsewhere it looks once, for a second.',
    options: [{ flag: '--once', says: 'look once on a terminal too' }],
    examples: [
      ['', 'the plugin that takes most of the processors first'],
      ['--json', 'one look as JSON, for a monitoring program'],
    ],
    load: () => import('../commands/top.ts'),
  }),
  command({
    words: ['provision'],
    changes: true,
    summary: 'Install the .plugin files of the site directory, and replace older releases by them.',
    more: 'mfserv.start does it too.',
    examples: [
      ['', 'install every file of the site directory that is new'],
      ['--json', 'the same, and print what was done with each file as JSON'],
    ],
    load: () => import('../commands/provision.ts'),
  }),
  ...CARE_COMMANDS,
  ...CONFIG_COMMANDS,
  command({
    words: ['cron', 'list'],
    summary: 'List the cron jobs: when they run next, and how their last run ended.',
    arguments: [{ name: 'NAME', often: 'perhaps', is: 'plugin', says: 'only the jobs of this plugin' }],
    examples: [
      ['', 'the jobs of all plugins'],
      ['blog', 'the jobs of the plugin "blog"'],
    ],
    load: () => import('../commands/cron/list.ts'),
  }),
  command({
    words: ['cron', 'run'],
    changes: true,
    summary: 'Run a cron job now, and wait until it ends.',
    more: 'The exit code is that of the job.',
    arguments: [
      { name: 'NAME', is: 'plugin', says: 'the plugin' },
      { name: 'JOB', says: 'the id of the job, the beginning of its id, or its line in the crontab' },
    ],
    options: [{ flag: '--no-wait', says: 'start the job and do not wait for it' }],
    examples: [
      ['blog 3', 'run the job in line 3 of the crontab'],
      ['--no-wait blog 3', 'start it and return at once'],
    ],
    load: () => import('../commands/cron/run.ts'),
  }),
  command({
    words: ['cron', 'history'],
    summary: 'Show the past runs of the cron jobs of a plugin, oldest first.',
    arguments: [
      { name: 'NAME', is: 'plugin', says: 'the plugin' },
      {
        name: 'JOB',
        often: 'perhaps',
        says: 'only this job: its id, the beginning of its id, or its line in the crontab',
      },
    ],
    examples: [
      ['blog', 'the runs of all its jobs'],
      ['blog 3', 'the runs of the job in line 3 of the crontab'],
    ],
    load: () => import('../commands/cron/history.ts'),
  }),
  command({
    words: ['profile'],
    summary: 'Print the environment of mfserv as shell commands.',
    more: 'A shell reads them with "source share/profile".',
    examples: [
      ['', 'print "export NAME=..." lines'],
      ['--json', 'print the variables as JSON'],
    ],
    load: () => import('../commands/profile.ts'),
  }),
  command({
    words: ['daemon'],
    summary: 'Run the daemon in the foreground.',
    more: 'mfserv.start starts it in the background.',
    options: [
      { flag: '--take-over', says: 'take the place of a daemon that is there already, without a lost request' },
      { flag: '--even-same', says: 'with --take-over: also when that daemon runs the same code' },
    ],
    examples: [
      ['--take-over', 'run the daemon of this mfserv instead of the one that runs'],
      ['--json', 'the same; if it cannot start, print the problems as JSON'],
    ],
    load: () => import('../commands/daemon.ts'),
  }),
  command({
    words: ['completion'],
    summary: 'Print the completion script of a shell: bash, zsh or fish.',
    arguments: [{ name: 'SHELL', choices: SHELLS, says: 'bash, zsh or fish' }],
    examples: [
      ['bash', 'in ~/.bashrc: source <(mfserv completion bash)'],
      ['zsh', 'in ~/.zshrc, after compinit: source <(mfserv completion zsh)'],
    ],
    load: () => import('../commands/completion.ts'),
  }),
]
