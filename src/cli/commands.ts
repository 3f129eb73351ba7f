import type { CommandEntry, GroupEntry } from './command.ts'
import { ASIDE_COMMANDS } from './entries/aside.ts'
import { AUTHOR_COMMANDS } from './entries/author.ts'
import { CERTIFICATE_COMMANDS } from './entries/certificates.ts'
import { LOG_COMMANDS } from './entries/logs.ts'
import { MODULE_COMMANDS } from './entries/module.ts'
import { PLUGIN_COMMANDS } from './entries/plugins.ts'
import { RELEASE_COMMANDS } from './entries/releases.ts'
import { SERVICE_COMMANDS } from './entries/service.ts'

/** Every command, once, in the order in which help lists them. */
export const COMMANDS: readonly CommandEntry[] = [
  ...MODULE_COMMANDS,
  ...LOG_COMMANDS,
  ...AUTHOR_COMMANDS,
  ...PLUGIN_COMMANDS,
  ...ASIDE_COMMANDS,
  ...RELEASE_COMMANDS,
  ...SERVICE_COMMANDS,
  ...CERTIFICATE_COMMANDS,
]

/** `mfserv` itself, and the words that several commands begin with. */
export const GROUPS: readonly GroupEntry[] = [
  {
    words: [],
    launcher: 'mfserv',
    summary: 'A private PaaS for one machine: plugins behind nginx, supervised, replaced without a lost request.',
    examples: [
      ['start', 'start nginx and every plugin'],
      ['plugins list', 'list the installed plugins; "plugins.list" is the same command'],
    ],
  },
  {
    words: ['bootstrap'],
    launcher: 'bootstrap_plugin.py',
    summary: 'Create a new plugin from a template.',
    examples: [
      ['list', 'list the templates'],
      ['create --template flask shop', 'create the plugin "shop" in ./shop'],
    ],
  },
  {
    words: ['plugins'],
    summary: 'Manage the installed plugins.',
    examples: [
      ['list', 'list the installed plugins'],
      ['status blog', 'show the state of the plugin "blog"'],
    ],
  },
  {
    words: ['service'],
    summary: 'Make mfserv a service of the machine, or of your own.',
    examples: [
      ['install --now', 'make it a service, and start it'],
      ['show', 'print its unit file'],
    ],
  },
  {
    words: ['cert'],
    summary: 'List, make and renew certificates for HTTPS.',
    examples: [
      ['list', 'all certificates, and until when they hold'],
      ['self-signed localhost', 'make one that no authority vouches for'],
    ],
  },
  {
    words: ['config'],
    summary: 'Show, explain and change the configuration.',
    examples: [
      ['show', 'the configuration of mfserv'],
      ['set nginx.timeout 120', 'let a request take two minutes'],
    ],
  },
  {
    words: ['key'],
    summary: 'Manage the keys that sign releases.',
    examples: [
      ['create team', 'create the key pair "team"'],
      ['list', 'list your own keys and the trusted ones'],
    ],
  },
  {
    words: ['cron'],
    summary: 'Show and run the cron jobs of the plugins.',
    examples: [
      ['list', 'list all cron jobs'],
      ['run blog 3', 'run the job in line 3 of the crontab of "blog" now'],
    ],
  },
]
