import { flag, list, oneOf } from '../value.ts'
import { setting } from './setting.ts'

/** What keeps processes of plugins from what is not theirs, the weakest first. */
export const SANDBOX_LEVELS = ['off', 'home', 'strict'] as const
export type SandboxLevel = (typeof SANDBOX_LEVELS)[number]

const plugins = list(',', /^[\w-]+$/, 'names of plugins separated by commas, such as blog,shop, or null')
const paths = list(',', /^\/[^\s,]*$/, 'absolute paths separated by commas, such as /srv/data,/opt/maps, or null')

/** `[sandbox]`. */
export const SANDBOX_SETTINGS = {
  level: setting(
    oneOf(...SANDBOX_LEVELS),
    'home',
    'What keeps the processes of plugins from the rest of the machine. off: nothing. home: a process sees its own plugin and a system that it can only read, and no other plugin, no key and no settings. strict: no network either, and fewer system calls.',
  ),
  python2_level: setting(
    oneOf(...SANDBOX_LEVELS),
    'strict',
    'The same for plugins with an app of Python 2, for which nobody mends faults any more. The stricter one of the two counts.',
  ),
  required: setting(
    flag,
    '0',
    'What becomes of a plugin where this system cannot give it its level. 0: it runs without, which mfserv.status, mfserv doctor and its log tell. 1: it does not run.',
    { doubt: '1' },
  ),
  off: setting(plugins, 'null', 'Plugins that run without a sandbox, whatever else says.'),
  home: setting(
    plugins,
    'null',
    'Plugins that have the level home, whatever else says: such as one of Python 2 that needs a network.',
  ),
  strict: setting(plugins, 'null', 'Plugins that have the level strict, whatever else says.'),
  read: setting(
    paths,
    'null',
    'Files and directories that every plugin may read although they lie where it sees nothing, such as below /home.',
  ),
  write: setting(paths, 'null', 'Files and directories that every plugin may read and write.'),
} as const
