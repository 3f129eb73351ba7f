import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatProblem } from '../../problem.ts'
import { parsePlugin } from '../parse.ts'

const GENERAL = '[general]\nversion=1\nsummary=s\nlicense=l\nurl=u\nmaintainer=m\nvendor=v\n'

test('directory leads to the files of an app, and what main_arg names is looked for there', () => {
  const node = (directory: string, files: readonly string[]) =>
    read(`[app_main]\ntype=node\nmain_arg=server.js\nworkers=1\ndirectory=${directory}\n`, files)
  assert.deepEqual(node('./src//web/', ['src/web/server.js']), { directories: ['src/web'], problems: [] })
  assert.deepEqual(node('.', ['server.js']), { directories: ['.'], problems: [] })
  assert.deepEqual(node('', ['main/server.js']), { directories: [undefined], problems: [] })
  assert.deepEqual(node('src', ['server.js']).problems, [
    'config.ini:10  main_arg needs src/server.js, which is not in the plugin  (PLUGIN_FILE_MISSING)\n  Create the file, or name the right one in main_arg.',
  ])
  const python = (files: readonly string[]) =>
    read('[app_main]\ntype=python3_sync\nmain_arg=wsgi:app\nworkers=1\nadd_app_dir_to_python_path=1\ndirectory=src\n', files)
      .problems
  assert.deepEqual(python(['src/wsgi.py']), [])
  assert.match(python(['main/wsgi.py']).join(), /main_arg needs wsgi\.py, which is not in the plugin/)
})

test('the directory of files must be there, and the one of PHP have an index', () => {
  const { problems } = read('[app_main]\ntype=static\ndirectory=public\n', ['main'])
  assert.deepEqual(problems, [
    'config.ini:10  directory needs public/, which is not in the plugin  (PLUGIN_FILE_MISSING)\n  Create the directory and put the files to serve into it.',
  ])
  assert.deepEqual(read('[app_main]\ntype=static\ndirectory=public\n', ['public']).problems, [])
  assert.deepEqual(read('[app_main]\ntype=static\ndirectory=.\n', []).problems, [])
  assert.deepEqual(read('[app_main]\ntype=php\nworkers=1\ndirectory=.\n', []).problems, [
    'config.ini:8  the plugin has no index.php: the URL of the app answers 404  (NOT_SERVED)\n  Create index.php.',
  ])
})

test('directory never leads out of the plugin, nor to what is hidden', () => {
  for (const directory of ['/etc', '..', 'a/../..', 'a/..', '.git', 'a/.b', 'a b', '$x', 'a"b', 'a;b', '{x}']) {
    const { problems } = read(`[app_main]\ntype=static\ndirectory=${directory}\n`, ['main'])
    assert.equal(problems.length, 1, directory)
    assert.match(problems.join(), /^config\.ini:10 {2}directory is /, directory)
  }
})

test('no two apps get the directory of the plugin when one has code in it that the other would show', () => {
  const node = '[app_api]\ntype=node\nmain_arg=server.js\nworkers=1\ndirectory=.\n'
  const site = '[app_site]\ntype=static\ndirectory=.\n'
  assert.deepEqual(read(`${node}${site}`, ['server.js']).problems, [
    'config.ini:13  app site would show the code of app api: both have the directory of the plugin  (INI_BAD_VALUE)\n  Give the files of site a directory of their own, such as public.',
  ])
  const two = read(`${node}${node.replace('api', 'second')}${site}`, ['server.js']).problems
  assert.match(two.join(), /would show the code of app api:/)
  assert.deepEqual(read(`${node}${site.replace('.', 'public')}`, ['server.js', 'public']).problems, [])
  assert.deepEqual(read(`${node.replace('directory=.', '')}${site}`, ['api/server.js']).problems, [])
})

test('static_extensions is a list of extensions, none of them one of PHP', () => {
  const problems = (value: string) => read(`[app_main]\ntype=static\nstatic_extensions=${value}\n`, ['main']).problems.length
  assert.deepEqual(['css', '.css, JS;png', 'null', ''].map(problems), [0, 0, 0, 0])
  for (const value of ['php', 'css php5', 'phtml', 'phar', 'a|b', '*', 'x"', 'ä']) assert.equal(problems(value), 1, value)
})

test('a front controller and a fallback are files of the app', () => {
  const php = (lines: string, files: readonly string[]) =>
    read(`[app_main]\ntype=php\nworkers=1\ndirectory=public\n${lines}`, ['public', 'public/index.php', ...files]).problems
  assert.deepEqual(php('front_controller=app.php\n', ['public/app.php']), [])
  assert.deepEqual(php('front_controller=app.php\n', []), [
    'config.ini:12  front_controller needs public/app.php, which is not in the plugin  (PLUGIN_FILE_MISSING)\n  Create the file, or name the right one in front_controller.',
  ])
  for (const value of ['../index.php', 'a/index.php', 'index.html', '.php', '/index.php', 'a b.php']) {
    assert.match(php(`front_controller=${value}\n`, []).join(), /^config\.ini:12 {2}front_controller is /, value)
  }
  const site = (fallback: string) =>
    read(`[app_main]\ntype=static\nfallback=${fallback}\n`, ['main', 'main/a/shell.html']).problems
  assert.deepEqual(site('a/shell.html'), [])
  assert.match(site('index.html').join(), /^config\.ini:10 {2}fallback needs main\/index\.html, which is not in the plugin/)
  for (const value of ['../x.html', '/x.html', '.htaccess', 'a/.b']) {
    assert.match(site(value).join(), /^config\.ini:10 {2}fallback is /, value)
  }
})

test('a directory listing of the plugin itself is refused', () => {
  assert.deepEqual(read('[app_main]\ntype=static\ndirectory_listing=1\ndirectory=.\n', []).problems, [
    'config.ini:10  directory_listing would show the names of all files of the plugin: the app has its directory  (INI_BAD_VALUE)\n  Put the files into a directory of their own and name it in directory.',
  ])
  assert.deepEqual(read('[app_main]\ntype=static\ndirectory_listing=1\n', ['main']).problems, [])
})

test('a key that has no effect for the type of the app is told, and changes nothing', () => {
  const told = (type: string, line: string) =>
    read(`[app_main]\ntype=${type}\n${line}\n`, ['main', 'main/index.php', 'main/server.js', 'main/x.html', 'main/x.php'])
      .problems
  const idle: readonly (readonly [type: string, line: string])[] = [
    ['static', 'sticky=1'],
    ['php\nworkers=1', 'sticky=1'],
    ['static', 'front_controller=x.php'],
    ['php\nworkers=1', 'fallback=x.html'],
    ['php\nworkers=1', 'directory_listing=1'],
    ['php\nworkers=1', 'static_extensions=css'],
    ['node\nmain_arg=server.js\nworkers=1', 'front_controller=none.php'],
  ]
  for (const [type, line] of idle) {
    const problems = told(type, line)
    assert.equal(problems.length, 1, `${type} ${problems.join()}`)
    assert.match(
      problems.join(),
      new RegExp(`${line.split('=')[0]} has no effect for the type \\w+: it counts for .*INI_IGNORED_KEY`),
    )
  }
  for (const [type, line] of [
    ['static', 'fallback=x.html'],
    ['static', 'static_extensions=css'],
  ]) {
    assert.deepEqual(told(type ?? '', line ?? ''), [])
  }
})

function read(apps: string, present: readonly string[]) {
  const { plugin, problems } = parsePlugin(
    {
      label: { file: '.layerapi2_label', text: 'plugin_blog@mfserv' },
      configIni: { file: 'config.ini', text: `${GENERAL}${apps}` },
      dependencies: undefined,
      extraEnv: undefined,
      crontab: undefined,
    },
    { home: '/plugins/blog', present: (path) => present.includes(path), text: () => undefined },
    {},
  )
  return { directories: plugin?.apps.map(({ directory }) => directory), problems: problems.map(formatProblem) }
}
