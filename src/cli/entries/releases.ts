import { BASE_DIRECTORY, CANARY_SECONDS, command, DRY_RUN } from './shared.ts'

/** Commands that bring a release, replace it, or take it away. */
export const RELEASE_COMMANDS = [
  command({
    words: ['plugins', 'install'],
    changes: true,
    launcher: 'plugins.install',
    summary: 'Install a .plugin file.',
    more: 'It needs no network. The command ends when the plugin answers.',
    arguments: [{ name: 'FILE', is: 'release file', says: 'the .plugin file' }],
    options: [
      { flag: '--new-name', value: 'NAME', says: 'install it under this name' },
      { flag: '--force', says: 'if the plugin is already installed, replace it as plugins.hotswap does' },
      DRY_RUN,
      {
        ...BASE_DIRECTORY,
        says: 'install it into this directory; the daemon serves only the plugins of the usual one',
      },
    ],
    examples: [
      ['blog-1.0.0-1.plugin', 'install a release'],
      ['--dry-run blog-1.0.0-1.plugin', 'show what it would change'],
    ],
    load: () => import('../commands/plugins/install.ts'),
  }),
  command({
    words: ['plugins', 'hotswap'],
    changes: true,
    launcher: 'plugins.hotswap',
    summary: 'Replace an installed plugin by the release in a .plugin file, without a lost request.',
    more: 'Prints a receipt: what the change cost. If the new release is worse, mfserv goes back to the old one.',
    arguments: [{ name: 'FILE', is: 'release file', says: 'the .plugin file' }],
    options: [
      { flag: '--new-name', value: 'NAME', is: 'plugin', says: 'replace the plugin of this name' },
      {
        flag: '--watch',
        value: 'SECONDS',
        says: 'how long the new release is compared with the old one; 0: not at all. Default: watch_seconds of [releases]',
      },
      { flag: '--canary', value: 'PERCENT', says: 'first send only this share of the requests to the new release' },
      CANARY_SECONDS,
      DRY_RUN,
    ],
    examples: [
      ['blog-1.1.0-1.plugin', 'replace the plugin "blog" by this release'],
      ['--canary 10 --watch 60 blog-1.1.0-1.plugin', 'send it 10 % of the requests first, and compare for a minute'],
    ],
    load: () => import('../commands/plugins/hotswap.ts'),
  }),
  command({
    words: ['plugins', 'rollback'],
    changes: true,
    launcher: 'plugins.rollback',
    summary: 'Go back to an earlier release of a plugin, with its overrides of that time, without a lost request.',
    arguments: [{ name: 'NAME', is: 'plugin', says: 'the plugin' }],
    options: [
      {
        flag: '--to',
        value: 'RELEASE',
        is: 'release',
        says: 'a release that plugins.releases lists; default: the previous one',
      },
      {
        flag: '--watch',
        value: 'SECONDS',
        says: 'how long the two releases are compared; 0: not at all. Default: watch_seconds of [releases]',
      },
      { flag: '--canary', value: 'PERCENT', says: 'first send only this share of the requests to the earlier release' },
      CANARY_SECONDS,
    ],
    examples: [
      ['blog', 'go back to the previous release'],
      ['--to 1.0.0-1 blog', 'go back to the release 1.0.0-1'],
    ],
    load: () => import('../commands/plugins/rollback.ts'),
  }),
  command({
    words: ['plugins', 'releases'],
    launcher: 'plugins.releases',
    summary: 'List the releases of a plugin that are kept, and show which one is active.',
    arguments: [{ name: 'NAME', is: 'plugin', says: 'the plugin' }],
    examples: [
      ['blog', 'as a table'],
      ['blog --json', 'as JSON'],
    ],
    load: () => import('../commands/plugins/releases.ts'),
  }),
  command({
    words: ['plugins', 'uninstall'],
    changes: true,
    launcher: 'plugins.uninstall',
    summary: 'Remove a plugin.',
    more: 'Of a development link only the link is removed; the sources stay.',
    arguments: [{ name: 'NAME', is: 'plugin', says: 'the plugin, or a path that ends with its name' }],
    options: [
      { flag: '--clean', says: 'delete its data directory, its logs, its history and its temporary files as well' },
      DRY_RUN,
      {
        flag: '--force',
        says: 'remove it even from inside its own environment, or if the daemon does not confirm the removal',
      },
    ],
    examples: [
      ['blog', 'remove the plugin "blog"; its data and logs stay'],
      ['--clean blog', 'remove it with its data and logs'],
    ],
    load: () => import('../commands/plugins/uninstall.ts'),
  }),
  command({
    words: ['plugins', 'repackage'],
    umask: 'of the caller',
    launcher: 'plugins.repackage',
    summary: 'Make a .plugin file of an installed plugin, with the values of its overrides written into it.',
    arguments: [{ name: 'NAME', is: 'plugin', says: 'the installed plugin' }],
    options: [BASE_DIRECTORY],
    examples: [
      ['blog', 'write the .plugin file into the current directory'],
      ['blog --json', 'the same, and print what changed as JSON'],
    ],
    load: () => import('../commands/plugins/repackage.ts'),
  }),
  command({
    words: ['plan'],
    summary: 'Show what installing a plugin would change, and change nothing.',
    more: 'The exit code is 2 if something would change.',
    arguments: [{ name: 'FILE', is: 'release file', says: 'a .plugin file, or the directory of a plugin' }],
    options: [{ flag: '--new-name', value: 'NAME', says: 'as if it were installed under this name' }],
    examples: [
      ['blog-1.1.0-1.plugin', 'what this release would change'],
      ['./blog', 'what the plugin in ./blog would change'],
    ],
    load: () => import('../commands/plan.ts'),
  }),
]
