import { BASE_DIRECTORY, command } from './shared.ts'

const NAME_OR_PATTERN = 'the plugin, or a pattern such as "shop_*"'

/** Commands that look at installed plugins, or stop and start them. */
export const PLUGIN_COMMANDS = [
  command({
    words: ['plugins', 'list'],
    launcher: 'plugins.list',
    summary: 'List the installed plugins.',
    options: [
      { flag: '--raw', says: 'one line for each plugin: name~~~version~~~release~~~home' },
      { ...BASE_DIRECTORY, says: 'list the plugins in this directory' },
    ],
    examples: [
      ['', 'as a table'],
      ['--raw', 'one line for each plugin, for a shell script'],
    ],
    load: () => import('../commands/plugins/list.ts'),
  }),
  command({
    words: ['plugins', 'info'],
    launcher: 'plugins.info',
    summary: 'Show one plugin: its version, its apps and its problems.',
    arguments: [
      {
        name: 'NAME_OR_PATH',
        is: 'plugin',
        says: 'an installed plugin, a .plugin file, or the directory of a plugin (with a slash or a dot in it)',
      },
    ],
    options: [{ flag: '--just-home', says: 'print only its directory' }, BASE_DIRECTORY],
    examples: [
      ['blog', 'show the installed plugin "blog"'],
      ['./blog-1.0.0-1.plugin', 'show what is in a .plugin file'],
    ],
    load: () => import('../commands/plugins/info.ts'),
  }),
  command({
    words: ['plugins', 'status'],
    launcher: 'plugins.status',
    summary: 'Show what should run of a plugin and what does run, and run its checks.',
    more: 'The exit code is 1 if one of the checks fails.',
    arguments: [{ name: 'NAME', often: 'perhaps', is: 'plugin', says: `${NAME_OR_PATTERN}; default: all plugins` }],
    examples: [
      ['blog', 'the plugin "blog"'],
      ['--json', 'all plugins, as JSON'],
    ],
    load: () => import('../commands/plugins/status.ts'),
  }),
  command({
    words: ['plugins', 'start'],
    changes: true,
    launcher: 'plugins.start',
    summary: 'Start a plugin that plugins.stop stopped, and wait until it answers.',
    arguments: [{ name: 'NAME', often: 'perhaps', is: 'plugin', says: `${NAME_OR_PATTERN}; default: all plugins` }],
    examples: [
      ['blog', 'start the plugin "blog"'],
      ['"shop_*"', 'start all plugins whose name begins with "shop_"'],
    ],
    load: () => import('../commands/plugins/start.ts'),
  }),
  command({
    words: ['plugins', 'stop'],
    changes: true,
    launcher: 'plugins.stop',
    summary: 'Stop a plugin. It stays installed, and its URLs answer 503 until plugins.start.',
    arguments: [{ name: 'NAME', often: 'perhaps', is: 'plugin', says: `${NAME_OR_PATTERN}; default: all plugins` }],
    examples: [
      ['blog', 'stop the plugin "blog"'],
      ['"shop_*"', 'stop all plugins whose name begins with "shop_"'],
    ],
    load: () => import('../commands/plugins/stop.ts'),
  }),
  command({
    words: ['plugins', 'restart'],
    changes: true,
    launcher: 'plugins.restart',
    summary: 'Replace every worker of a plugin by a new one, without a lost request.',
    more: 'Prints a receipt: what the restart cost.',
    arguments: [{ name: 'NAME', is: 'plugin', says: NAME_OR_PATTERN }],
    examples: [
      ['blog', 'restart the plugin "blog"'],
      ['"shop_*"', 'restart all plugins whose name begins with "shop_", one after the other'],
    ],
    load: () => import('../commands/plugins/restart.ts'),
  }),
  command({
    words: ['plugins', 'history'],
    launcher: 'plugins.history',
    summary: 'Show the past hot swaps, rollbacks and restarts of a plugin, and what each of them cost.',
    arguments: [{ name: 'NAME', is: 'plugin', says: 'the plugin' }],
    examples: [
      ['blog', 'oldest first; the last one with all its numbers'],
      ['blog --json', 'all receipts as JSON'],
    ],
    load: () => import('../commands/plugins/history.ts'),
  }),
  command({
    words: ['plugins', 'check'],
    launcher: 'plugins.check',
    summary: 'Check the files of a plugin, with the overrides for it, and show every problem.',
    arguments: [{ name: 'PATH', is: 'plugin', says: 'the directory of a plugin, or the name of an installed one' }],
    options: [BASE_DIRECTORY],
    examples: [
      ['./blog', 'check the plugin in ./blog'],
      ['blog', 'check the installed plugin "blog"'],
    ],
    load: () => import('../commands/plugins/check.ts'),
  }),
  command({
    words: ['plugins', 'validate_name'],
    launcher: 'plugins.validate_name',
    alias: 'plugins_validate_name',
    summary: 'Check whether a plugin may have a name.',
    more: 'Prints OK, or ERROR and the reason.',
    arguments: [{ name: 'NAME', says: 'the name' }],
    examples: [
      ['blog', 'prints OK'],
      ['my.blog', 'prints ERROR, because of the dot'],
    ],
    load: () => import('../commands/plugins/validate-name.ts'),
  }),
  command({
    words: ['plugins', 'hash'],
    launcher: 'plugins.hash',
    summary: 'Print the hash of an installed plugin or of a .plugin file.',
    more: 'The same release has the same hash.',
    arguments: [{ name: 'NAME_OR_FILE', is: 'plugin', says: 'an installed plugin, or a .plugin file' }],
    options: [BASE_DIRECTORY],
    examples: [
      ['blog', 'the installed plugin "blog"'],
      ['./blog-1.0.0-1.plugin', 'a .plugin file'],
    ],
    load: () => import('../commands/plugins/hash.ts'),
  }),
]
