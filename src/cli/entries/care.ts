import { command } from './shared.ts'

/** Commands for whoever looks after a machine. */
export const CARE_COMMANDS = [
  command({
    words: ['doctor'],
    summary: 'Look for what is wrong on this machine and in the runtime home, and tell how to fix it.',
    more: 'It changes nothing, and works without a daemon and without a runtime home. The exit code is 1 when something is broken, 0 otherwise.',
    examples: [
      ['', 'look at everything'],
      ['--json', 'the same as JSON, for a monitoring program'],
    ],
    load: () => import('../commands/doctor.ts'),
  }),
  command({
    words: ['drain'],
    changes: true,
    summary: 'Take no new work: load balancers are told to stay away, no cron job is begun, and what is under way is waited for.',
    more: 'It holds over every restart, until --off. Requests that still come are served. The exit code is 2 when something is still under way.',
    options: [
      { flag: '--wait', value: 'SECONDS', says: 'wait no longer than that; default: smart_stop_delay of [nginx] and 30 seconds' },
      { flag: '--off', says: 'take it back: work is taken again' },
    ],
    examples: [
      ['--wait 120', 'drain, and wait up to two minutes for what is under way'],
      ['--off', 'take work again'],
    ],
    load: () => import('../commands/drain.ts'),
  }),
  command({
    words: ['backup'],
    summary: 'Write a backup of the runtime home into one file, while it serves.',
    more: 'Plugins with their releases, the configuration, overrides, trusted keys, histories and what the plugins keep. Logs, temporary files, and what is built or made anew are left out.',
    arguments: [{ name: 'FILE', is: 'file', says: 'the file to write; it must not be there yet' }],
    options: [
      { flag: '--with-keys', says: 'also the private keys that sign releases, and what the PINs of the debugger are made of' },
      { flag: '--without-data', says: 'without what the plugins keep in var/data' },
    ],
    examples: [
      ['/backup/mfserv.tar.gz', 'everything but private keys'],
      ['--with-keys --without-data small.tar.gz', 'with the keys, and without the data of the plugins'],
    ],
    load: () => import('../commands/backup.ts'),
  }),
  command({
    words: ['restore'],
    changes: true,
    summary: 'Make the runtime home what a backup says, on this machine and for this user.',
    more: 'mfserv must not run. The backup is checked as a whole before anything is changed, and environments are built anew from the releases, without a network.',
    arguments: [{ name: 'FILE', is: 'file', says: 'the file that mfserv backup wrote' }],
    options: [{ flag: '--force', says: 'replace what the runtime home has' }],
    examples: [
      ['/backup/mfserv.tar.gz', 'into a runtime home that is empty'],
      ['--force /backup/mfserv.tar.gz', 'in the place of what is there'],
    ],
    load: () => import('../commands/restore.ts'),
  }),
]
