import { command } from './shared.ts'

const USER = { flag: '--user', value: 'NAME', says: 'the user that it runs as; by default mfserv (only as root)' } as const

/** mfserv as a service of the machine. */
export const SERVICE_COMMANDS = [
  command({
    words: ['service', 'install'],
    changes: true,
    umask: 'of the caller',
    summary: 'Make mfserv a service of systemd: it starts with the machine, and again when it fails.',
    more: 'As root: a service of the machine that runs as an ordinary user. Else: a service of your own.',
    options: [
      USER,
      { flag: '--now', says: 'start it too; a daemon that runs already hands over to it' },
      { flag: '--force', says: 'overwrite a unit file that was changed by hand, or is of another runtime home' },
    ],
    examples: [
      ['--now', 'make it a service, and start it'],
      ['--user www', 'one that runs as the user "www"'],
    ],
    load: () => import('../commands/service/install.ts'),
  }),
  command({
    words: ['service', 'remove'],
    changes: true,
    summary: 'Stop the service, and remove it.',
    more: 'The user, the plugins and everything else in the runtime home stay.',
    options: [USER, { flag: '--force', says: 'also when the unit file was changed by hand' }],
    examples: [
      ['', 'stop and remove the service'],
      ['--user www', 'that of the user "www"'],
    ],
    load: () => import('../commands/service/remove.ts'),
  }),
  command({
    words: ['service', 'show'],
    summary: 'Print the unit file of the service: the one that is there, or the one that would be written.',
    options: [USER],
    examples: [
      ['', 'print it'],
      ['--json', 'the same, where it is, and whether it was changed by hand'],
    ],
    load: () => import('../commands/service/show.ts'),
  }),
]
