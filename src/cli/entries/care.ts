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
]
