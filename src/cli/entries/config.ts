import { BASE_DIRECTORY, command } from './shared.ts'

/** Commands for the settings of mfserv and of the plugins. */
export const CONFIG_COMMANDS = [
  command({
    words: ['config', 'show'],
    summary: 'Show every value of the configuration and where it comes from.',
    more: 'Without a name it shows the configuration of mfserv, with a name that of a plugin. Secrets are masked.',
    arguments: [
      {
        name: 'NAME_OR_DIR',
        often: 'perhaps',
        is: 'plugin',
        says: 'an installed plugin, or the directory of one (with a slash or a dot in it)',
      },
      { name: 'KEY', often: 'any', says: 'only these: a key, a section, or section.key' },
    ],
    options: [BASE_DIRECTORY],
    examples: [
      ['blog', 'every value of the plugin "blog"'],
      ['blog app_main.workers', 'only the number of workers of its app "main"'],
    ],
    load: () => import('../commands/config/show.ts'),
  }),
  command({
    words: ['config', 'explain'],
    summary: 'Explain a key of mfserv: what it does, what every file says of it, and which of that counts.',
    arguments: [{ name: 'KEY', says: 'section.key, such as nginx.port; the key alone where one section has it' }],
    examples: [
      ['nginx.port', 'what the port is, where that is written, and when a change takes effect'],
      ['health_location --json', 'the same of another key, as JSON'],
    ],
    load: () => import('../commands/config/explain.ts'),
  }),
  command({
    words: ['config', 'set'],
    changes: true,
    summary: 'Set a key of mfserv in config/config.ini of the runtime home, and say when it takes effect.',
    more: 'Comments and everything else in the file stay. A value that cannot be is refused, and nothing is written. The exit code is 1 when the running mfserv does not take it.',
    arguments: [
      { name: 'KEY', says: 'section.key, such as nginx.port; with a variant, such as nginx.port[DEV]' },
      { name: 'VALUE', says: 'the value, as one word of the shell' },
    ],
    examples: [
      ['nginx.timeout 120', 'let a request take two minutes'],
      ['plugin_blog.colour blue', 'set MFSERV_PLUGIN_BLOG_COLOUR in the processes of the plugin "blog"'],
    ],
    load: () => import('../commands/config/set.ts'),
  }),
  command({
    words: ['config', 'check'],
    summary: 'Check a config.ini of mfserv, and tell every problem at once.',
    more: 'The file is read as if it were config/config.ini of the runtime home. The exit code is 1 when it has an error.',
    arguments: [{ name: 'FILE', often: 'perhaps', is: 'file', says: 'the file; default: config/config.ini of the runtime home' }],
    examples: [
      ['', 'check the file that is in use'],
      ['new.ini', 'check a file before it is put into place'],
    ],
    load: () => import('../commands/config/check.ts'),
  }),
  command({
    words: ['config', 'edit'],
    changes: true,
    summary: 'Edit config/config.ini of the runtime home; what has a mistake does not replace it.',
    more: 'It opens a copy in $VISUAL or $EDITOR (otherwise vi), which may be followed by options.',
    examples: [
      ['', 'edit the file'],
      ['--json', 'the same, and print what came of it as JSON'],
    ],
    load: () => import('../commands/config/edit.ts'),
  }),
]
