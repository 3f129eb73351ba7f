import { BASE_DIRECTORY, command, DRY_RUN, PLUGIN_PATH } from './shared.ts'

/** Commands for whoever writes a plugin, tries it and releases it. */
export const AUTHOR_COMMANDS = [
  command({
    words: ['bootstrap', 'list'],
    summary: 'List the templates.',
    examples: [
      ['', 'the names of the templates'],
      ['--json', 'with a description of each, as JSON'],
    ],
    load: () => import('../commands/bootstrap/list.ts'),
  }),
  command({
    words: ['bootstrap', 'create'],
    umask: 'of the caller',
    summary: 'Create a plugin in a new directory of its name.',
    arguments: [{ name: 'NAME', says: 'the name of the new plugin: letters, digits, _ and -' }],
    options: [
      {
        flag: '--template',
        value: 'TEMPLATE',
        is: 'template',
        says: 'the template to start from; default: the template "default"',
      },
      {
        flag: '--from',
        value: 'DIRECTORY',
        is: 'directory',
        says: 'copy the application in this directory instead, and adopt the copy, as "mfserv adopt" does',
      },
      { flag: '--type', value: 'TYPE', says: 'with --from: what it is served as, see "mfserv adopt"' },
      { flag: '--no-input', says: 'ask no questions, use the default of each' },
      { flag: '--make', says: 'run "make release" in the new plugin' },
      { flag: '--install', says: 'install the .plugin file that --make made' },
      { flag: '--delete', says: 'keep only the .plugin file that --make made' },
    ],
    examples: [
      ['--template flask shop', 'create the plugin "shop" in ./shop'],
      ['--no-input --make --install shop', 'create, release and install it without questions'],
    ],
    load: () => import('../commands/bootstrap/create.ts'),
  }),
  command({
    words: ['adopt'],
    umask: 'of the caller',
    summary: 'Make a plugin of an application, in its own directory.',
    more: 'It looks at the files, says what it found, and writes config.ini, the label and a Makefile beside them. It runs nothing and changes no file that is there.',
    arguments: [{ name: 'DIRECTORY', is: 'directory', says: 'the directory of the application' }],
    options: [
      { flag: '--name', value: 'NAME', says: 'the name of the plugin; default: that of the directory' },
      {
        flag: '--type',
        value: 'TYPE',
        says: 'what it is served as, where it could be several: a framework that was named (flask), or a type of app (static)',
      },
      DRY_RUN,
    ],
    examples: [
      ['~/shop', 'make a plugin of the application in ~/shop'],
      ['--dry-run .', 'show what would be written for the one in the current directory'],
    ],
    load: () => import('../commands/adopt.ts'),
  }),
  command({
    words: ['make'],
    umask: 'of the caller',
    launcher: '_plugins.make',
    summary: 'Check a plugin, and build its virtualenv and node_modules if they are out of date.',
    more: 'The command "make" in the directory of a plugin calls it.',
    options: [PLUGIN_PATH, { flag: '--unfinished', says: 'do not miss files that config.ini names: the Makefile makes them' }],
    examples: [
      ['', 'the plugin in the current directory'],
      ['--plugin-path ~/blog', 'the plugin in ~/blog'],
    ],
    load: () => import('../commands/make.ts'),
  }),
  command({
    words: ['release'],
    umask: 'of the caller',
    launcher: '_plugins.release',
    summary: 'Make the .plugin file of a plugin, with everything it needs.',
    more: 'The command "make release" in the directory of a plugin calls it.',
    options: [
      PLUGIN_PATH,
      {
        flag: '--output-directory',
        value: 'DIRECTORY',
        is: 'directory',
        says: 'where to write the file; default: the directory of the plugin',
      },
      {
        flag: '--sign',
        value: 'KEY',
        is: 'key',
        says: 'sign it: the name of a key made by "mfserv key create", or the path of its file',
      },
    ],
    examples: [
      ['', 'release the plugin in the current directory'],
      ['--sign team --output-directory /tmp', 'sign the file with the key "team", and write it to /tmp'],
    ],
    load: () => import('../commands/release.ts'),
  }),
  command({
    words: ['develop'],
    launcher: '_plugins.develop',
    summary: 'Serve a plugin from its source directory, and replace its workers when a file changes.',
    more: 'The command "make develop" in the directory of a plugin calls it.',
    arguments: [{ name: 'NAME', often: 'perhaps', says: 'the name to install it under; default: the name in its label' }],
    options: [
      PLUGIN_PATH,
      { flag: '--checked', says: 'do not show the warnings that "make" has shown' },
      { flag: '--ignore-already-installed', says: 'has no effect; accepted for older Makefiles' },
    ],
    examples: [
      ['', 'serve the plugin in the current directory'],
      ['--plugin-path ~/blog', 'serve the plugin in ~/blog'],
    ],
    load: () => import('../commands/develop.ts'),
  }),
  command({
    words: ['key', 'create'],
    summary: 'Create a key pair to sign releases with.',
    arguments: [{ name: 'NAME', says: 'the name of the new key: letters, digits, _ and -' }],
    examples: [
      ['team', 'create the key pair "team"'],
      ['team --json', 'the same, and print the files as JSON'],
    ],
    load: () => import('../commands/key/create.ts'),
  }),
  command({
    words: ['key', 'list'],
    summary: 'List your own keys and the trusted ones.',
    examples: [
      ['', 'as tables'],
      ['--json', 'as JSON'],
    ],
    load: () => import('../commands/key/list.ts'),
  }),
  command({
    words: ['key', 'trust'],
    summary: 'Trust the releases that are signed with a key.',
    more: 'If the key is trusted already, its limits are changed.',
    arguments: [{ name: 'FILE', is: 'file', says: 'the public key, NAME.pub' }],
    options: [
      { flag: '--plugin', value: 'NAME[,NAME]', says: 'only for releases of these plugins, by the name that was signed' },
      { flag: '--lowest', value: 'VERSION', says: 'only for this version and later ones' },
    ],
    examples: [
      ['team.pub', 'trust what is signed with the key "team"'],
      ['--plugin blog,shop --lowest 1.2 team.pub', 'only for these plugins, from version 1.2 on'],
    ],
    load: () => import('../commands/key/trust.ts'),
  }),
  command({
    words: ['env'],
    umask: 'of the caller',
    launcher: 'plugin_env',
    summary: 'Open a shell in the environment of a plugin, or run the commands of standard input there.',
    arguments: [
      {
        name: 'NAME',
        often: 'perhaps',
        is: 'plugin',
        says: 'an installed plugin, or the directory of one (with a slash or a dot in it); default: the current directory',
      },
    ],
    examples: [
      ['blog', 'open a shell in the environment of "blog"'],
      ['blog < script.sh', 'run the commands of script.sh there'],
    ],
    load: () => import('../commands/plugin-env.ts'),
  }),
  command({
    words: ['wrapper'],
    umask: 'of the caller',
    launcher: 'plugin_wrapper',
    summary: 'Run one command in the environment of a plugin.',
    more: 'Its exit code and signals are those of the command. Write the options before the command.',
    arguments: [
      { name: 'NAME', is: 'plugin', says: 'an installed plugin, or the directory of one (with a slash or a dot in it)' },
      { name: 'COMMAND', often: 'own', says: 'the command and its arguments' },
    ],
    options: [
      { flag: '--cwd', says: 'work in the directory of the plugin' },
      { flag: '--empty', says: 'keep nothing of the environment of the caller' },
      { flag: '--bash-cmds', says: 'run nothing: print the environment as commands of a shell' },
      { flag: '--do-not-add-plugin-dir-to-python-path', says: 'Python does not look into the directory of the plugin' },
      {
        flag: '--add-extra-dir-to-python-path',
        value: 'DIRECTORY',
        is: 'directory',
        says: 'Python looks into this directory first',
      },
      { flag: '--add-extra-dir-to-node-path', value: 'DIRECTORY', is: 'directory', says: 'Node looks into this directory first' },
      { flag: '--ignore-cache', says: 'has no effect; accepted for plugins of MFSERV' },
      BASE_DIRECTORY,
    ],
    examples: [
      ['blog -- python3 manage.py migrate', 'run a command in the environment of "blog"'],
      ['blog --cwd -- ls', 'run it in the directory of the plugin'],
    ],
    load: () => import('../commands/plugin-wrapper.ts'),
  }),
  command({
    words: ['layers'],
    umask: 'of the caller',
    launcher: 'layer_wrapper',
    summary: 'Run one command in the environment of plugins, as crontabs of MFSERV do. New lines use plugin_wrapper.',
    more: 'Its exit code and signals are those of the command. Write the options before the command.',
    arguments: [{ name: 'COMMAND', often: 'own', says: 'the command and its arguments' }],
    options: [
      {
        flag: '--layers',
        value: 'LABEL[,LABEL]',
        says: 'plugin_NAME@mfserv for a plugin, with a - in front where it can be done without; other labels mean nothing',
      },
      { flag: '--cwd', says: 'work in the directory of the last plugin' },
      { flag: '--empty-env', says: 'keep nothing of the environment of the caller' },
      { flag: '--empty-env-keeps', value: 'NAME[,NAME]', says: 'variables that --empty-env keeps' },
      { flag: '--empty', says: 'has no effect; accepted for plugins of MFSERV' },
      { flag: '--force-prepend', says: 'has no effect; accepted for plugins of MFSERV' },
      { flag: '--dont-load-optional', says: 'has no effect; accepted for plugins of MFSERV' },
      { flag: '--debug', says: 'has no effect; accepted for plugins of MFSERV' },
    ],
    examples: [
      ['--layers=plugin_blog@mfserv -- python3 -V', 'the Python of the plugin "blog"'],
      ['--layers=python3@mfext,plugin_blog@mfserv --cwd -- ls', 'the directory of the plugin "blog"'],
    ],
    load: () => import('../commands/layer-wrapper.ts'),
  }),
]
