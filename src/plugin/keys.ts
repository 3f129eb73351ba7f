import { flag, text, whole } from '../config/value.ts'
import { key, type PluginKey, type Table } from './key.ts'
import { APP_KEYS } from './keys/app-keys.ts'
import { BOUND_KEYS, LIMIT_KEYS, LOG_KEYS, PLUGIN_BOUND_KEYS } from './keys/process-keys.ts'
import { SANDBOX_KEYS } from './keys/sandbox-keys.ts'
import { age, file, MOST_WORKERS, SECONDS, version } from './keys/values.ts'

export { APP_KEYS, APP_TYPES } from './keys/app-keys.ts'

export const GENERAL_KEYS = {
  name: key('name / _name', text, '', 'Not read: the name of a plugin is that of its .layerapi2_label file.'),
  version: key('version / _version', version, '', 'Version of your plugin. {{MFMODULE_VERSION}} is the version of mfserv.', {
    required: 'always',
    template: '0.0.1',
  }),
  release: key('- / _release', version, '1', 'Release of this version: what to count up when only the packaging changes.'),
  summary: key('summary / _summary', text, '', 'One line that says what your plugin is for.', {
    required: 'always',
    empty: 'is told',
    template: 'one line summary',
  }),
  license: key('license / _license', text, '', 'The license of your plugin.', {
    required: 'always',
    empty: 'is told',
    template: 'Proprietary',
  }),
  url: key('url / _url', text, '', 'Home page of your plugin.', {
    required: 'always',
    empty: 'is told',
    template: 'http://yourpluginhomepage',
  }),
  maintainer: key('maintainer / _maintainer', text, '', 'Who looks after your plugin: Firstname FAMILYNAME <email>.', {
    empty: 'is told',
    template: 'Firstname FAMILYNAME <email>',
  }),
  packager: key('packager / -', text, '', 'The name of maintainer in older plugins.', { renamed: 'maintainer' }),
  vendor: key('vendor / _vendor', text, '', 'The organisation that your plugin comes from.', {
    required: 'always',
    empty: 'is told',
    template: 'MetWork',
  }),
  build: key(
    'build / _build',
    text,
    '',
    'Command line that makes what the plugin serves out of its sources, such as npm run build. It runs in the directory and the environment of the plugin, in make, make develop and make release, when something changed since it ran last; never at an installation.',
    { example: 'npm run build' },
  ),
  extra_nginx_http_conf_filename: key(
    'extra_nginx_http_conf_filename / _extra_nginx_http_conf_filename',
    file,
    'null',
    'File with a piece of nginx configuration for the http level, relative to the plugin. null: none. It can affect every plugin.',
  ),
  extra_nginx_conf_filename: key(
    'extra_nginx_conf_filename / -',
    file,
    'null',
    'The name of extra_nginx_http_conf_filename in older plugins. It counts only when the new one names nothing.',
    { renamed: 'extra_nginx_http_conf_filename' },
  ),
  extra_nginx_server_conf_filename: key(
    'extra_nginx_server_conf_filename / _extra_nginx_server_conf_filename',
    file,
    'null',
    'File with a piece of nginx configuration for the server level of the main server, relative to the plugin. null: none. It can affect every plugin.',
  ),
  extra_nginx_init_worker_by_lua_block_filename: key(
    'extra_nginx_init_worker_by_lua_block_filename / _extra_nginx_init_worker_by_lua_block_filename',
    file,
    'null',
    'File with Lua code that each nginx worker runs when it starts, relative to the plugin. null: none. It can affect every plugin. The machine needs the Lua module of nginx.',
  ),
  error_page: key(
    'error_page / _error_page',
    file,
    'null',
    'HTML file, relative to the plugin, that browsers get in the place of the page of mfserv where nginx answers an error itself: the plugin is stopped, no worker answers, a file is missing. {{status}}, {{title}}, {{message}} and {{request_id}} stand for the values. Answers of your apps are never replaced. null: the page of the module.',
  ),
  ...SANDBOX_KEYS,
  redis_service: key(
    'redis_service / -',
    flag,
    '0',
    '1: a Redis of its own for the plugin, on the unix socket that REDIS_SOCKET_UNIX_SOCKET_PATH names: 512 MB, the least used forgotten first, nothing on the disk. It goes on when another release takes over. The machine needs redis-server.',
  ),
  ...PLUGIN_BOUND_KEYS,
  add_plugin_dir_to_python_path: key(
    '- / _add_plugin_dir_to_python_path',
    flag,
    '1',
    'Let Python find the modules in the directory of the plugin.',
  ),
  add_plugin_dir_to_lua_path: key(
    'add_plugin_dir_to_lua_path / _add_plugin_dir_to_lua_path',
    flag,
    '1',
    'Let Lua in nginx find the files in the directory of the plugin and in those of its apps, for a plugin whose fragments have Lua. All plugins share that path: of two files with one name the first is found.',
  ),
} as const satisfies Record<string, PluginKey<unknown>>
export const DAEMON_KEYS = {
  cmd_and_args: key(
    'cmd_and_args / _cmd_and_args',
    text,
    '',
    'The command line of the daemon, which must stay in the foreground. It runs in the directory of the plugin, whose bin directory is on PATH.',
    { required: 'always', example: 'mydaemon --option' },
  ),
  numprocesses: key('numprocesses', whole(0, MOST_WORKERS), '1', 'How many processes of it run. 0: none.', {
    laterFallback: '0',
    template: '1',
  }),
  graceful_timeout: key(
    'graceful_timeout',
    whole(0, SECONDS),
    '30',
    'Seconds a process, and what it started, may take to end after SIGTERM. What is left is killed.',
    { laterFallback: '10', template: '30' },
  ),
  max_age: key('max_age', age, '0', 'A process is replaced when it is between max_age and twice max_age seconds old. 0: never.', {
    template: '0',
  }),
  debug: key('debug', flag, '0', '1: the daemon runs with MFSERV_CURRENT_PLUGIN_DEBUG=1.', { template: '0' }),
  ...BOUND_KEYS,
  ...LIMIT_KEYS,
  ...LOG_KEYS,
} as const satisfies Record<string, PluginKey<unknown>>

/** The keys of a section by its name; undefined where any key is allowed. */
export function tableOf(section: string): Table | undefined {
  if (section === 'general') return GENERAL_KEYS
  if (section.startsWith('app_')) return APP_KEYS
  return section.startsWith('extra_daemon_') ? DAEMON_KEYS : undefined
}
