import { flag, leftOut, list, planned, type Read, shaped, text, whole, wholeOrNone } from '../config/value.ts'
import { RUNTIMES } from '../runtime/runtime.ts'
import { key, type PluginKey, type Table } from './key.ts'

const SECONDS = 86_400
const AGE = 365 * SECONDS
const MOST_WORKERS = 1000

const seconds = wholeOrNone(SECONDS)
const age = wholeOrNone(AGE)
const version = shaped(/^[A-Za-z0-9._+~-]+$/, 'letters, digits and . _ - + ~ only, such as 1.0.2')
const file = shaped(
  /^(?!\/)(?!.*(^|\/)\.\.(\/|$))[^\s"'\\{}$;][^"'\\{}$;]*$/,
  'the path of a file in the plugin, relative to its directory, or null',
)
const directory = shaped(/^(?!.*(^|\/)\.\.(\/|$))[\w./-]+$/, 'a directory in that of the app, such as /static')
const urlPath = shaped(/^(\/[^/\s"'\\{}$;]+)+$/, 'a path that starts with / and does not end with /, such as /static')
const routes = list(
  ';',
  /^(\/|(\/[^/\s"'\\{}$;]+)+)$/,
  'paths separated by ;, each starting with / and not ending with /, such as /a;/b/c, or null',
)
const hosts = list(',', /^[A-Za-z0-9*_-]+(\.[A-Za-z0-9*_-]+)*$/, 'host names separated by commas, such as www.example.com')

/** Undefined is no limit. */
const limit: Read<number | undefined> = (written) => {
  const read = wholeOrNone(Number.MAX_SAFE_INTEGER)(written)
  return 'value' in read && read.value === 0 ? { value: undefined } : read
}
/** 0 is a limit too: no core file at all. */
const coreLimit: Read<number | undefined> = (written) => (written === '0' ? { value: 0 } : limit(written))

/** The names of the app types, not yet checked against what this version runs: the problem should name the nearest one. */
export const APP_TYPES = Object.keys(RUNTIMES)

export const GENERAL_KEYS = {
  name: key('name / _name', text, '', 'Not read: the name of a plugin is that of its .layerapi2_label file.'),
  version: key('version / _version', version, '', 'Version of your plugin. {{MFMODULE_VERSION}} is the version of mfserv.', {
    required: 'always',
    template: '0.0.1',
  }),
  release: key('- / _release', version, '1', 'Release of this version: what to count up when only the packaging changes.'),
  summary: key('summary / _summary', text, '', 'One line that says what your plugin is for.', {
    required: 'always',
    template: 'one line summary',
  }),
  license: key('license / _license', text, '', 'The license of your plugin.', { required: 'always', template: 'Proprietary' }),
  url: key('url / _url', text, '', 'Home page of your plugin.', { required: 'always', template: 'http://yourpluginhomepage' }),
  maintainer: key('maintainer / _maintainer', text, '', 'Who looks after your plugin: Firstname FAMILYNAME <email>.', {
    template: 'Firstname FAMILYNAME <email>',
  }),
  packager: key('packager / -', text, '', 'The name of maintainer in older plugins.', { renamed: 'maintainer' }),
  vendor: key('vendor / _vendor', text, '', 'The organisation that your plugin comes from.', {
    required: 'always',
    template: 'MetWork',
  }),
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
    text,
    'null',
    'File with Lua code for the start of each nginx worker.',
    leftOut('mfserv runs no Lua in nginx'),
  ),
  redis_service: key(
    'redis_service / -',
    flag,
    '0',
    '1: a Redis server of its own for the plugin.',
    leftOut('mfserv starts no Redis; start one in an [extra_daemon_<name>] section'),
  ),
  add_plugin_dir_to_python_path: key(
    '- / _add_plugin_dir_to_python_path',
    flag,
    '1',
    'Let Python find the modules in the directory of the plugin.',
  ),
  add_plugin_dir_to_lua_path: key(
    '- / _add_plugin_dir_to_lua_path',
    flag,
    '0',
    'Let Lua find the modules in the directory of the plugin.',
    leftOut('mfserv runs no Lua in nginx'),
  ),
} as const satisfies Record<string, PluginKey<unknown>>

/** Why templates write nothing for the one limit that a Hello World does not survive. */
const ADDRESS_SPACE =
  'Empty: no limit. It bounds address space, not memory in use: node, WebAssembly, Go and Java reserve far more than they ever use, and do not even start under a small limit.'

const LIMIT_KEYS = {
  rlimit_as: key('rlimit_as', limit, '', `Limit on the address space of one process, in bytes. ${ADDRESS_SPACE}`, {
    template: '',
  }),
  rlimit_nofile: key('rlimit_nofile', limit, '', 'Limit on the open files of one process. Empty or 0: no limit.', {
    template: '1000',
  }),
  rlimit_nproc: key('rlimit_nproc / -', limit, '', 'Limit on the processes of the whole user. Empty or 0: no limit.', {
    public: true,
  }),
  rlimit_stack: key('rlimit_stack', limit, '', 'Limit on the stack of one process, in bytes. Empty or 0: no limit.', {
    template: '10000000',
  }),
  rlimit_core: key('rlimit_core / -', coreLimit, '', 'Limit on a core file, in bytes. 0: no core file. Empty: no limit.', {
    template: '100000',
    public: true,
  }),
  rlimit_fsize: key(
    'rlimit_fsize',
    limit,
    '',
    'Limit on each file that a process writes, in bytes. Its log counts, so stay well above max_size_before_rotation of [log]. Empty or 0: no limit.',
    {
      template: '1000000000',
    },
  ),
}

const LOG_SPLIT = 'AUTO: as the module says.'
const logSplit = planned('an app has one log file')
const LOG_KEYS = {
  log_split_stdout_stderr: key(
    '- / log_split_stdout_stderr',
    text,
    'AUTO',
    `A log file of its own for stderr. ${LOG_SPLIT}`,
    logSplit,
  ),
  log_split_multiple_workers: key(
    '- / log_split_multiple_workers',
    text,
    'AUTO',
    `A log file for each worker. ${LOG_SPLIT}`,
    logSplit,
  ),
}

export const APP_KEYS = {
  type: key('type / -', text, '', `What the app is made of. One of ${APP_TYPES.join(', ')}.`, {
    required: 'always',
    example: 'python3_sync',
  }),
  main_arg: key(
    'main_arg / -',
    text,
    '',
    'Where the app begins. For python3_sync, gunicorn3_sync and python3_asgi: <module>:<callable>, such as main.wsgi:application. For aiohttp, gunicorn3_asyncio and python3_tornado: a Python file of the plugin with an app in it, such as main/application.py, or <module>:<callable>, such as main.application:app. For node: the file to run, relative to the directory of the app. For command: the command line, with {unix_socket_path} where it is to listen. Not needed for static and php.',
    { example: 'main.wsgi:application' },
  ),
  gunicorn_arg: key('gunicorn_arg / -', text, '', 'The name of main_arg in older plugins.', { renamed: 'main_arg' }),
  node_arg: key('node_arg / -', text, '', 'The name of main_arg in older plugins.', { renamed: 'main_arg' }),
  cmd_and_args: key(
    '- / _cmd_and_args',
    text,
    '',
    'The command line of a worker. {unix_socket_path}, {timeout}, {debug_extra_options}, {plugin_name}, {plugin_dir} and {app_name} are replaced. Empty: no worker, only static files.',
  ),
  debug_extra_options: key(
    '- / _debug_extra_options',
    text,
    '',
    'What {debug_extra_options} of the command line stands for when debug is 1.',
  ),
  node_extra_opts: key('node_extra_opts / -', text, '', 'Options for node itself, in front of the file to run.', {
    template: '',
  }),
  gateway_interface_mode: key(
    '- / _gateway_interface_mode',
    shaped(/^(proxy|fastcgi)$/, 'proxy or fastcgi'),
    'proxy',
    'How nginx talks to the workers: proxy (HTTP) or fastcgi.',
  ),
  workers: key(
    'workers / numprocesses',
    whole(0, MOST_WORKERS),
    '0',
    'How many workers run at the same time. 0: the app is not served. A worker of python3_sync answers one request at a time. {{MFCOM_HARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2}} is twice the number of cores of the machine.',
    { template: '{{MFCOM_HARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2}}' },
  ),
  timeout: key(
    'timeout',
    seconds,
    '0',
    'Seconds one request may take. A worker that answers nothing for longer is replaced. 0: the timeout of [nginx] in the configuration of the module.',
    {
      template: '0',
    },
  ),
  proxy_timeout: key('proxy_timeout / -', seconds, '0', 'The name of timeout in older plugins.', { renamed: 'timeout' }),
  debug: key(
    'debug',
    flag,
    '0',
    '1: one worker, never replaced by age, and for Python an interactive debugger in the browser. Never in production.',
    { template: '0' },
  ),
  prefix_based_routing: key(
    'prefix_based_routing / _prefix_based_routing',
    flag,
    '1',
    'Serve the app at /<plugin>/<app>, and at /<plugin> if it is named main or is the only one.',
    { template: '1' },
  ),
  virtualdomain_based_routing: key(
    'virtualdomain_based_routing / _virtualdomain_based_routing',
    flag,
    '0',
    'Serve the app at http://<app>.<plugin>.<hostname> as well. Your name server has to know that name.',
    { template: '0' },
  ),
  virtualdomain_based_routing_extra_vhosts: key(
    'virtualdomain_based_routing_extra_vhosts',
    hosts,
    '',
    'More host names for virtualdomain_based_routing, separated by commas.',
  ),
  prefix_based_routing_extra_routes: key(
    'prefix_based_routing_extra_routes',
    routes,
    'null',
    'More URL prefixes for the app, separated by ;. Each starts with / and does not end with /. null: none. They can hide other plugins.',
    { template: 'null' },
  ),
  static_routing: key(
    'static_routing / _static_routing',
    flag,
    '1',
    'Let nginx serve the files in the directory static of the app, at /static below its URL.',
    { template: '1' },
  ),
  static_url_prefix: key(
    '- / _static_url_prefix',
    urlPath,
    '/static',
    'Where static_routing serves the files, below the URL of the app.',
  ),
  static_directory: key(
    '- / _static_directory',
    directory,
    '/static',
    'The directory that static_routing serves, below that of the app.',
  ),
  extra_nginx_conf_filename: key(
    'extra_nginx_conf_filename / _extra_nginx_conf_filename',
    file,
    'null',
    'File with a piece of nginx configuration for the locations of the app, relative to the plugin. null: none.',
    { template: 'null' },
  ),
  extra_nginx_conf_static_filename: key(
    'extra_nginx_conf_static_filename / _extra_nginx_conf_static_filename',
    file,
    'null',
    'File with a piece of nginx configuration for the static files of the app, relative to the plugin. null: none.',
    { template: 'null' },
  ),
  add_plugin_dir_to_python_path: key(
    'add_plugin_dir_to_python_path / -',
    flag,
    '1',
    'Let Python find the modules in the directory of the plugin. It is left out only when every app of the plugin says 0.',
    { template: '1' },
  ),
  add_app_dir_to_python_path: key(
    'add_app_dir_to_python_path / -',
    flag,
    '0',
    'Let Python find the modules in the directory of the app.',
    { template: '0' },
  ),
  ...LIMIT_KEYS,
  max_age: key(
    'max_age',
    age,
    '0',
    'A worker is replaced when it is between max_age and twice max_age seconds old, which bounds what leaks. No request is lost by it. 0: never.',
    { template: '3600' },
  ),
  start_timeout: key(
    'start_timeout',
    seconds,
    '0',
    'Seconds a new worker may take until it answers for the first time, such as one that loads a model. 0: the start_timeout of [supervisor] in the configuration of the module.',
  ),
  graceful_timeout: key(
    'graceful_timeout',
    whole(0, SECONDS),
    '30',
    'Seconds a worker may take to end after it was asked to, before it is killed.',
    { template: '30' },
  ),
  smart_stop_signal: key(
    '- / smart_stop_signal',
    text,
    '15',
    'The signal that ends a worker.',
    leftOut('a worker is ended with SIGTERM (15)'),
  ),
  smart_stop_delay: key(
    '- / smart_stop_delay',
    text,
    '3',
    'Seconds between the last request and the signal.',
    leftOut('a worker is ended when its last connection has ended'),
  ),
  smart_start_delay: key(
    '- / smart_start_delay',
    text,
    '3',
    'Seconds before a new worker gets requests.',
    leftOut('a worker gets requests as soon as it answers'),
  ),
  http_test_endpoint: key(
    '_http_test_endpoint',
    shaped(/^\/\S*$/, 'a path that starts with /'),
    '',
    'URL that tells whether the app is well, such as /myplugin/ping. Empty: no test.',
  ),
  http_test_expected_status_code: key(
    '_http_test_expected_status_code',
    whole(100, 599),
    '200',
    'The status that the test expects.',
  ),
  http_test_expected_body: key(
    '_http_test_expected_body',
    text,
    'OK',
    'A text that the body of the answer has to contain, in its first megabyte.',
  ),
  http_test_timeout: key('_http_test_timeout', whole(1, SECONDS), '10', 'Seconds within which the test has to succeed.'),
  ...LOG_KEYS,
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
  ...LIMIT_KEYS,
  ...LOG_KEYS,
} as const satisfies Record<string, PluginKey<unknown>>

/** The keys of a section by its name; undefined where any key is allowed. */
export function tableOf(section: string): Table | undefined {
  if (section === 'general') return GENERAL_KEYS
  if (section.startsWith('app_')) return APP_KEYS
  return section.startsWith('extra_daemon_') ? DAEMON_KEYS : undefined
}
