import { flag, leftOut, shaped, text, whole } from '../../config/value.ts'
import { RUNTIMES } from '../../runtime/runtime.ts'
import { key, type PluginKey } from '../key.ts'
import { BOUND_KEYS, LIMIT_KEYS, LOG_KEYS } from './process-keys.ts'
import { RULE_KEYS } from './rule-keys.ts'
import { SCALE_KEYS } from './scale-keys.ts'
import { age, directory, file, hosts, routes, SECONDS, seconds, urlPath } from './values.ts'
import { WEB_KEYS } from './web-keys.ts'

/** The names of the app types, not yet checked against what this version runs: the problem should name the nearest one. */
export const APP_TYPES = Object.keys(RUNTIMES)
export const APP_KEYS = {
  type: key('type / -', text, '', `What the app is made of. One of ${APP_TYPES.join(', ')}.`, {
    required: 'always',
    example: 'python3_sync',
  }),
  main_arg: key(
    'main_arg / -',
    text,
    '',
    'Where the app begins. For python3_sync, gunicorn3_sync and python3_asgi: <module>:<callable>, such as main.wsgi:application. For aiohttp, gunicorn3_asyncio and python3_tornado: a Python file of the plugin with an app in it, such as main/application.py, or <module>:<callable>, such as main.application:app. For node: the file to run, relative to the directory of the app. For command: the command line, with {unix_socket_path} or {port} where it is to listen. Not needed for static and php.',
    { example: 'main.wsgi:application' },
  ),
  ...WEB_KEYS,
  gunicorn_arg: key('gunicorn_arg / -', text, '', 'The name of main_arg in older plugins.', { renamed: 'main_arg' }),
  node_arg: key('node_arg / -', text, '', 'The name of main_arg in older plugins.', { renamed: 'main_arg' }),
  cmd_and_args: key(
    '- / _cmd_and_args',
    text,
    '',
    'The command line of a worker. {unix_socket_path}, {port}, {timeout}, {debug_extra_options}, {plugin_name}, {plugin_dir} and {app_name} are replaced. Empty: no worker, only static files.',
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
  ...SCALE_KEYS,
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
  mount: key(
    'mount / _mount',
    flag,
    '0',
    '1: below /<plugin>/<app> and /<plugin> the app behaves as if it stood at /. It gets the path without that prefix, and is told the prefix: SCRIPT_NAME for WSGI and PHP, root_path for ASGI, the header X-Forwarded-Prefix for the others. Its redirects and cookie paths are corrected. Virtual hosts and extra routes stay as they are.',
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
    'More host names for virtualdomain_based_routing, separated by commas. *.example.com: all names below it, where no app has a longer one.',
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
    'static_url_prefix / _static_url_prefix',
    urlPath,
    '/static',
    'Where static_routing serves the files, below the URL of the app.',
  ),
  static_directory: key(
    'static_directory / _static_directory',
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
  ...RULE_KEYS,
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
  ...BOUND_KEYS,
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
