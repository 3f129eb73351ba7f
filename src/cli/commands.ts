import type { Command } from 'commander'

export interface CommandModule {
  /** Adds the command, with its options and its action, below `parent`. */
  readonly register: (parent: Command) => void
}

export interface CommandEntry {
  /** The words after `mfserv`; the first may be a group. */
  readonly words: readonly [string] | readonly [string, string]
  /** The documented name, a launcher in `bin/`. */
  readonly launcher: string | undefined
  /** Another launcher for it, where the original installed the command under a second name. */
  readonly alias?: string
  readonly summary: string
  /** What its first argument names, for completion. */
  readonly completes?: 'plugin'
  readonly load: () => Promise<CommandModule>
  /**
   * For what is started again and again, by cron above all: takes the words that are written behind the launcher without the
   * parser of options, or answers false where they need it.
   */
  readonly direct?: (words: readonly string[]) => Promise<boolean>
}

/** Every command, once. Help, completion and the launchers in `bin/` come from this table. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    words: ['setup'],
    launcher: undefined,
    summary: 'Install what mfserv needs and this machine lacks.',
    load: () => import('./commands/setup.ts'),
  },
  {
    words: ['start'],
    launcher: 'mfserv.start',
    summary: 'Start mfserv: nginx and every plugin.',
    load: () => import('./commands/start.ts'),
  },
  {
    words: ['stop'],
    launcher: 'mfserv.stop',
    summary: 'Stop mfserv: plugins, nginx and the daemon.',
    load: () => import('./commands/stop.ts'),
  },
  {
    words: ['status'],
    launcher: 'mfserv.status',
    summary: 'Show what should run and what does.',
    load: () => import('./commands/status.ts'),
  },
  {
    words: ['bootstrap'],
    launcher: 'bootstrap_plugin.py',
    summary: 'Start a new plugin from a template.',
    load: () => import('./commands/bootstrap.ts'),
  },
  {
    words: ['make'],
    launcher: '_plugins.make',
    summary: 'Check a plugin and build its environments.',
    load: () => import('./commands/make.ts'),
  },
  {
    words: ['release'],
    launcher: '_plugins.release',
    summary: 'Make the .plugin file of a plugin.',
    load: () => import('./commands/release.ts'),
  },
  {
    words: ['develop'],
    launcher: '_plugins.develop',
    summary: 'Serve a plugin from its source directory, restarted on change.',
    load: () => import('./commands/develop.ts'),
  },
  {
    words: ['plugins', 'list'],
    launcher: 'plugins.list',
    summary: 'List the installed plugins.',
    load: () => import('./commands/plugins-list.ts'),
  },
  {
    words: ['plugins', 'info'],
    launcher: 'plugins.info',
    summary: 'Show one plugin: its facts, apps and problems.',
    completes: 'plugin',
    load: () => import('./commands/plugins-info.ts'),
  },
  {
    words: ['plugins', 'install'],
    launcher: 'plugins.install',
    summary: 'Install a .plugin file.',
    load: () => import('./commands/plugins-install.ts'),
  },
  {
    words: ['plugins', 'hotswap'],
    launcher: 'plugins.hotswap',
    summary: 'Replace a plugin by the one of a .plugin file, without a lost request.',
    load: () => import('./commands/plugins-hotswap.ts'),
  },
  {
    words: ['plugins', 'rollback'],
    launcher: 'plugins.rollback',
    summary: 'Go back to a release that was in force before.',
    completes: 'plugin',
    load: () => import('./commands/plugins-rollback.ts'),
  },
  {
    words: ['plugins', 'releases'],
    launcher: 'plugins.releases',
    summary: 'List the releases of a plugin that are kept.',
    completes: 'plugin',
    load: () => import('./commands/plugins-releases.ts'),
  },
  {
    words: ['plugins', 'uninstall'],
    launcher: 'plugins.uninstall',
    summary: 'Remove a plugin; the sources of a development link stay.',
    completes: 'plugin',
    load: () => import('./commands/plugins-uninstall.ts'),
  },
  {
    words: ['plugins', 'check'],
    launcher: 'plugins.check',
    summary: 'Check the files of a plugin, with the overrides for it.',
    load: () => import('./commands/plugins-check.ts'),
  },
  {
    words: ['plugins', 'validate_name'],
    launcher: 'plugins.validate_name',
    alias: 'plugins_validate_name',
    summary: 'Say whether a plugin may have a name.',
    load: () => import('./commands/plugins-validate-name.ts'),
  },
  {
    words: ['plugins', 'repackage'],
    launcher: 'plugins.repackage',
    summary: 'Make a release file of an installed plugin with its overrides.',
    completes: 'plugin',
    load: () => import('./commands/plugins-repackage.ts'),
  },
  {
    words: ['plan'],
    launcher: undefined,
    summary: 'Show what installing a plugin would change, and change nothing.',
    load: () => import('./commands/plan.ts'),
  },
  {
    words: ['plugins', 'start'],
    launcher: 'plugins.start',
    summary: 'Start a plugin that was stopped, and wait until it answers.',
    completes: 'plugin',
    load: () => import('./commands/plugins-start.ts'),
  },
  {
    words: ['plugins', 'stop'],
    launcher: 'plugins.stop',
    summary: 'Stop a plugin; it stays installed.',
    completes: 'plugin',
    load: () => import('./commands/plugins-stop.ts'),
  },
  {
    words: ['plugins', 'restart'],
    launcher: 'plugins.restart',
    summary: 'Replace every worker of a plugin without losing a request.',
    completes: 'plugin',
    load: () => import('./commands/plugins-restart.ts'),
  },
  {
    words: ['plugins', 'status'],
    launcher: 'plugins.status',
    summary: 'Show what should run of a plugin and what does, and run its checks.',
    completes: 'plugin',
    load: () => import('./commands/plugins-status.ts'),
  },
  {
    words: ['plugins', 'history'],
    launcher: 'plugins.history',
    summary: 'Show what was done to a plugin while it served, and what it cost.',
    completes: 'plugin',
    load: () => import('./commands/plugins-history.ts'),
  },
  {
    words: ['provision'],
    launcher: undefined,
    summary: 'Install what the administrator has put into the site directory.',
    load: () => import('./commands/provision.ts'),
  },
  {
    words: ['plugins', 'hash'],
    launcher: 'plugins.hash',
    summary: 'Print the hash of a plugin or of a .plugin file.',
    completes: 'plugin',
    load: () => import('./commands/plugins-hash.ts'),
  },
  {
    words: ['key', 'create'],
    launcher: undefined,
    summary: 'Make a pair of keys to sign releases with.',
    load: async () => ({ register: (await import('./commands/key.ts')).registerCreate }),
  },
  {
    words: ['key', 'list'],
    launcher: undefined,
    summary: 'List the keys to sign with, and those that are trusted.',
    load: async () => ({ register: (await import('./commands/key.ts')).registerList }),
  },
  {
    words: ['key', 'trust'],
    launcher: undefined,
    summary: 'Trust the releases that are signed with a key.',
    load: async () => ({ register: (await import('./commands/key.ts')).registerTrust }),
  },
  {
    words: ['env'],
    launcher: 'plugin_env',
    summary: 'Open a shell in the environment of a plugin.',
    completes: 'plugin',
    load: () => import('./commands/plugin-env.ts'),
    direct: async (words) => (await import('./commands/plugin-env.ts')).direct(words),
  },
  {
    words: ['wrapper'],
    launcher: 'plugin_wrapper',
    summary: 'Run one command in the environment of a plugin.',
    completes: 'plugin',
    load: () => import('./commands/plugin-wrapper.ts'),
    direct: async (words) => (await import('./commands/plugin-wrapper.ts')).direct(words),
  },
  {
    words: ['config', 'show'],
    launcher: undefined,
    summary: 'Show every value of the configuration and where it comes from.',
    completes: 'plugin',
    load: () => import('./commands/config-show.ts'),
  },
  {
    words: ['cron', 'list'],
    launcher: undefined,
    summary: 'List the cron jobs: when they run next and how they ended last.',
    completes: 'plugin',
    load: async () => ({ register: (await import('./commands/cron.ts')).registerList }),
  },
  {
    words: ['cron', 'run'],
    launcher: undefined,
    summary: 'Run a cron job now.',
    completes: 'plugin',
    load: async () => ({ register: (await import('./commands/cron.ts')).registerRun }),
  },
  {
    words: ['cron', 'history'],
    launcher: undefined,
    summary: 'Show what became of the cron jobs of a plugin.',
    completes: 'plugin',
    load: async () => ({ register: (await import('./commands/cron.ts')).registerHistory }),
  },
  {
    words: ['profile'],
    launcher: undefined,
    summary: 'Print the environment of the module as shell commands.',
    load: () => import('./commands/profile.ts'),
  },
  {
    words: ['completion'],
    launcher: undefined,
    summary: 'Print the completion script of a shell: bash, zsh or fish.',
    load: () => import('./commands/completion.ts'),
  },
  {
    words: ['daemon'],
    launcher: undefined,
    summary: 'Run the supervisor in the foreground; mfserv.start does it for you.',
    load: () => import('./commands/daemon.ts'),
  },
]

/** Groups of commands that share a first word. */
export const GROUPS: Readonly<Record<string, string>> = {
  plugins: 'Manage the installed plugins.',
  config: 'See the configuration of the module and of the plugins.',
  key: 'Keys that sign releases.',
  cron: 'See and run the cron jobs of the plugins.',
}
