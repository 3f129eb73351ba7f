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
]
