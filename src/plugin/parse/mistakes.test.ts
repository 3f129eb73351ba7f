import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GENERAL, parse, text, treeOf, VARIABLES } from '../../../test/support/parse-fixture.ts'
import { formatProblem, isError } from '../../problem.ts'
import { APP_TYPES } from '../keys.ts'
import { parsePlugin } from '../parse.ts'

test('where an application stands in a file of its own, the file or its module can be named, so changing type is enough', () => {
  for (const type of ['aiohttp', 'gunicorn3_asyncio', 'python3_tornado']) {
    for (const entry of ['main/wsgi.py', 'main.wsgi:app']) {
      const { plugin, problems } = parse(`${GENERAL}[app_main]\ntype=${type}\nmain_arg=${entry}\nworkers=1\n`)
      assert.equal(plugin?.apps[0]?.entry, entry)
      assert.deepEqual(problems.filter(isError), [])
    }
    const refused = (entry: string) =>
      parse(`${GENERAL}[app_main]\ntype=${type}\nmain_arg=${entry}\nworkers=1\n`).problems.filter(isError)
    assert.match(text(refused('main/none.py')), /main_arg needs main\/none\.py, which is not in the plugin/)
    assert.match(text(refused('wsgi')), /main_arg is "wsgi".*\n {2}Write a Python file of the plugin.*main\.application:app/)
    assert.match(text(refused('/etc/x.py')), /INI_BAD_VALUE/)
  }
})

test('every mistake of a plugin is told at once, with its line and its fix', () => {
  const { plugin, problems } = parsePlugin(
    {
      label: { file: '.layerapi2_label', text: 'plugin_config@mfserv\n' },
      configIni: {
        file: 'config.ini',
        text: `[general]
version = 1 0
summary =
[app_a]
type = pyton3_sync
workers = many
[app_b]
type = python3_sync
main_arg = main/wsgi.py
workers = {{CORES}}
prefix_based_routing_extra_routes = a;/b/
[app_c]
type = node
main_arg = none.js
[app_d]
type = python3_sync
main_arg = mian.wsgi:application
workers = 1
extra_nginx_conf_filename = ../x.conf
[app_e]
type = static
extra_nginx_conf_static_filename = e.conf
[app_f]
type = redis
[app_g]
[app_h]
type = command
main_arg = run
workers = 1
[app_i]
type = python3_sync
workers = -1
[extra_daemon_x]
max_age = 1h
`,
      },
      dependencies: undefined,
      extraEnv: { file: '.layerapi2_extra_env', text: 'A=1\nnothing\n' },
      crontab: { file: 'crontab', text: '0 25 * * * a\n' },
    },
    treeOf(),
    VARIABLES,
  )
  assert.equal(plugin, undefined)
  assert.equal(
    text(problems),
    `.layerapi2_label:1  the plugin name "config" is used by mfserv itself  (PLUGIN_NAME)
  Choose another one.
config.ini:2  version is "1 0"  (INI_BAD_VALUE)
  Write letters, digits and . _ - + ~ only, such as 1.0.2.
config.ini:3  summary of [general] is empty  (INI_EMPTY_VALUE)
  It works. Write a value, such as summary = one line summary
config.ini:1  [general] has no license  (INI_MISSING_KEY)
  Add a line such as license = Proprietary
config.ini:1  [general] has no url  (INI_MISSING_KEY)
  Add a line such as url = http://yourpluginhomepage
config.ini:1  [general] has no vendor  (INI_MISSING_KEY)
  Add a line such as vendor = MetWork
config.ini:1  [general] has no maintainer  (INI_MISSING_KEY)
  Add a line such as maintainer = Firstname FAMILYNAME <email>
config.ini:6  workers is "many"  (INI_BAD_VALUE)
  Write a whole number from 0 to 1000, or two such as 0..4.
config.ini:5  type is "pyton3_sync"  (INI_BAD_VALUE)
  Did you mean "python3_sync"? Write one of ${APP_TYPES.join(', ')}.
config.ini:10  there is no variable CORES, so it reads as empty  (INI_UNKNOWN_VARIABLE)
  Name a variable of the environment, or write the value itself.
config.ini:11  prefix_based_routing_extra_routes is "a;/b/"  (INI_BAD_VALUE)
  Write paths separated by ;, each starting with / and not ending with /, such as /a;/b/c, or null.
config.ini:10  workers of [app_b] is empty  (INI_MISSING_KEY)
  Write a value, such as workers = {{MFCOM_HARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2}}
config.ini:9  main_arg is "main/wsgi.py"  (INI_BAD_VALUE)
  Write <module>:<callable>, such as main.wsgi:application.
config.ini:12  [app_c] has no workers  (INI_MISSING_KEY)
  Add a line such as workers = {{MFCOM_HARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2}}
config.ini:14  main_arg needs c/none.js, which is not in the plugin  (PLUGIN_FILE_MISSING)
  Create the file, or name the right one in main_arg.
config.ini:19  extra_nginx_conf_filename is "../x.conf"  (INI_BAD_VALUE)
  Write the path of a file in the plugin, relative to its directory, or null.
config.ini:17  main_arg needs mian/wsgi.py, which is not in the plugin  (PLUGIN_FILE_MISSING)
  Create the file, or name the right one in main_arg.
config.ini:20  [app_e] needs e/, which is not in the plugin  (PLUGIN_FILE_MISSING)
  Create the directory and put the files to serve into it.
config.ini:22  extra_nginx_conf_static_filename needs e.conf, which is not in the plugin  (PLUGIN_FILE_MISSING)
  Create the file, or write extra_nginx_conf_static_filename = null.
config.ini:24  type is "redis"  (INI_BAD_VALUE)
  Write one of ${APP_TYPES.join(', ')}.
config.ini:25  [app_g] has no type  (INI_MISSING_KEY)
  Add a line such as type = python3_sync
config.ini:28  main_arg is "run"  (INI_BAD_VALUE)
  Write one of the two where the program is told to listen: {unix_socket_path}, or {port} if it only knows a TCP port. One that reads the variable PORT: env PORT={port} in front of it.
config.ini:32  workers is "-1"  (INI_BAD_VALUE)
  Write a whole number from 0 to 1000, or two such as 0..4.
config.ini:30  [app_i] has no main_arg  (INI_MISSING_KEY)
  Add a line such as main_arg = main.wsgi:application
config.ini:34  max_age is "1h"  (INI_BAD_VALUE)
  Write a whole number from 0 to 31536000.
config.ini:33  [extra_daemon_x] has no cmd_and_args  (INI_MISSING_KEY)
  Add a line such as cmd_and_args = mydaemon --option
.layerapi2_extra_env:2  cannot read "nothing"  (INI_SYNTAX)
  Write NAME=value.
crontab:1  the hour is "25"  (CRONTAB_LINE)
  Write a number from 0 to 23, or * for every one.`,
  )
})

test('a label that is none and a config.ini without [general] are told', () => {
  const source = (file: string, content: string) => ({ file, text: content })
  const files = { configIni: source('config.ini', ''), dependencies: undefined, extraEnv: undefined, crontab: undefined }
  const { problems } = parsePlugin({ ...files, label: source('.layerapi2_label', 'blog\n') }, treeOf(), VARIABLES)
  assert.equal(
    text(problems),
    `.layerapi2_label:1  the label is "blog"  (PLUGIN_LABEL)
  Write one line: plugin_<name>@mfserv
config.ini  there is no section [general]  (INI_MISSING_KEY)
  Add the line [general] and below it version, summary, license, url, maintainer and vendor.`,
  )
})

test('an indented key, and a comment behind a value, are told as what spoils the value', () => {
  const { problems } = parse(`${GENERAL}[app_www]
type = static
timeout = 3
  debug = 1
max_age = 5 # seconds
static_routing = 1
[app_main]
type = command
  main_arg = serve {unix_socket_path}
workers = 1
`)
  assert.equal(
    text(problems),
    `config.ini:10  timeout is "3
debug = 1"  (INI_BAD_VALUE)
  The line "debug = 1" below it is indented, so it continues the value: begin it at the start of the line. Write a whole number from 0 to 86400.
config.ini:12  max_age is "5 # seconds"  (INI_BAD_VALUE)
  A comment needs a line of its own: move "# seconds" there. Write a whole number from 0 to 31536000.
config.ini:15  type is "command
main_arg = serve {unix_socket_path}"  (INI_BAD_VALUE)
  The line "main_arg = serve {unix_socket_path}" below it is indented, so it continues the value: begin it at the start of the line. Write one of ${APP_TYPES.join(', ')}.`,
  )
})

test('a required key that is indented is told where it is', () => {
  const [problem] = parse(GENERAL.replace('license', '  license')).problems
  assert.equal(
    problem === undefined ? '' : formatProblem(problem),
    `config.ini:3  [general] has no license  (INI_MISSING_KEY)
  Begin it at the start of its line: indented, it continues the value of summary.`,
  )
})

test('-1 is none, and another number below 0 is a mistake', () => {
  const timeout = (value: string) => parse(`${GENERAL}[app_www]\ntype = static\ntimeout = ${value}\n`)
  assert.equal(timeout('-1').plugin?.apps[0]?.timeout, 0)
  assert.match(text(timeout('-3').problems), /^config\.ini:10 {2}timeout is "-3" {2}\(INI_BAD_VALUE\)/)
})
