import { command } from './shared.ts'

const NAME = { name: 'NAME', is: 'plugin', says: 'the plugin, or a pattern such as "shop_*"' } as const

/** Commands about what serves: they keep requests from a plugin for a while, or change its number of workers. Each holds over every restart. */
export const ASIDE_COMMANDS = [
  command({
    words: ['plugins', 'maintenance'],
    changes: true,
    launcher: 'plugins.maintenance',
    summary: 'Let all URLs of a plugin answer 503 with a page and Retry-After, while its workers go on, or end that.',
    arguments: [NAME, { name: 'WORD', choices: ['on', 'off'], says: '"on" begins it, also with other options; "off" ends it' }],
    options: [
      {
        flag: '--page',
        value: 'FILE',
        is: 'file',
        says: 'an HTML file to be shown as it is; it is copied, so it may be deleted',
      },
      { flag: '--retry-after', value: 'SECONDS', says: 'when clients shall come back, 1 to 604800; default: 300' },
    ],
    examples: [
      ['blog on --page sorry.html --retry-after 600', 'show sorry.html for about ten minutes'],
      ['blog off', 'serve the plugin "blog" again'],
    ],
    load: () => import('../commands/plugins/maintenance.ts'),
  }),
  command({
    words: ['plugins', 'pause'],
    changes: true,
    launcher: 'plugins.pause',
    summary: 'Let the requests of a plugin wait, until plugins.resume.',
    more: 'Answers when no request is inside its workers any more. Requests wait for hold_timeout seconds, at most hold_max of each app; then they get 503.',
    arguments: [NAME],
    examples: [
      ['blog', 'pause the plugin "blog"'],
      ['"shop_*"', 'pause all plugins whose name begins with "shop_"'],
    ],
    load: () => import('../commands/plugins/pause.ts'),
  }),
  command({
    words: ['plugins', 'resume'],
    changes: true,
    launcher: 'plugins.resume',
    summary: 'End plugins.pause: the requests that wait go on.',
    arguments: [NAME],
    examples: [
      ['blog', 'resume the plugin "blog"'],
      ['"*"', 'resume every plugin'],
    ],
    load: () => import('../commands/plugins/resume.ts'),
  }),
  command({
    words: ['plugins', 'scale'],
    changes: true,
    launcher: 'plugins.scale',
    summary: 'Give an app of a plugin another number of workers, now and over every restart.',
    more: 'The number is written into config/plugins/NAME.ini of the runtime home. Workers that stay are not replaced.',
    arguments: [
      { ...NAME, says: 'the plugin' },
      { name: 'APP_OR_NUMBER', says: 'the app, or the number of workers where the plugin has only one app with workers' },
      { name: 'NUMBER', often: 'perhaps', says: 'the number of workers' },
    ],
    examples: [
      ['blog 4', 'the only app of "blog" has four workers from now on'],
      ['shop api 8', 'the app "api" of "shop" has eight'],
    ],
    load: () => import('../commands/plugins/scale.ts'),
  }),
]
