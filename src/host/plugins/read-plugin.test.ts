import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { formatProblem } from '../../problem.ts'
import { pathsOf } from '../home/paths.ts'
import { readHardware } from '../module/hardware.ts'
import { readConfig } from '../module/read-config.ts'
import { readPlugin } from './read-plugin.ts'

const CONFIG = '[general]\nversion=1\nsummary=s\nlicense=l\nurl=u\nmaintainer=m\nvendor=v\n[app_main]\ntype=static\n'

test('a plugin is read from its directory, also through a link', (t) => {
  const home = directory(t, { '.layerapi2_label': 'plugin_blog@mfserv\n', 'config.ini': CONFIG, 'main/index.html': '' })
  const link = `${home}.link`
  symlinkSync(home, link)
  t.after(() => rmSync(link))
  const { plugin, problems } = readPlugin(link, {})
  assert.deepEqual(problems, [])
  assert.deepEqual([plugin?.name, plugin?.home, plugin?.apps[0]?.type], ['blog', link, 'static'])
})

test('what is not a plugin is told by what it lacks', (t) => {
  const empty = directory(t, {})
  const half = directory(t, { 'config.ini': CONFIG })
  const other = directory(t, { '.layerapi2_label': 'plugin_blog@mfserv\n' })
  const strange = directory(t, { '.layerapi2_label/x': '', 'config.ini': CONFIG })
  const codes = [join(empty, 'nothing'), empty, half, other, strange].map((home) =>
    readPlugin(home, {}).problems.map(({ code }) => code),
  )
  assert.deepEqual(codes, [['PLUGIN_DIRECTORY'], ['PLUGIN_DIRECTORY'], ['PLUGIN_LABEL'], ['PLUGIN_FILE_MISSING'], ['DISK']])
})

test('a plugin whose files are pipes, devices or very large keeps nobody waiting: they are refused', (t) => {
  const home = directory(t, { '.layerapi2_label': 'plugin_blog@mfserv\n', 'config.ini': CONFIG, 'main/index.html': '' })
  const ini = join(home, 'config.ini')
  const codes = [
    () => execFileSync('mkfifo', [ini]),
    () => symlinkSync('/dev/zero', ini),
    () => writeFileSync(ini, Buffer.alloc(9 << 20, '#')),
  ].map((put) => {
    rmSync(ini)
    put()
    return readPlugin(home, {}).problems.map(({ code }) => code)
  })
  assert.deepEqual(codes, [['DISK'], ['DISK'], ['TOO_LARGE']])
})

test('problems show the path of the file', (t) => {
  const home = directory(t, { '.layerapi2_label': 'plugin_blog@mfserv\n', 'config.ini': CONFIG })
  assert.deepEqual(readPlugin(home, {}).problems.map(formatProblem), [
    `${home}/config.ini:8  [app_main] needs main/, which is not in the plugin  (PLUGIN_FILE_MISSING)\n  Create the directory and put the files to serve into it.`,
  ])
})

test('the configuration of the module comes from both of its files, and its name from the machine', (t) => {
  const home = directory(t, {
    'config/config.ini': '[nginx]\nport=1\nport[QA]=2\ntimeout=7\n[plugin_blog]\nroot={{MFMODULE_RUNTIME_HOME}}\n',
    'site.ini': '[nginx]\ntimeout=8\n',
    'metwork.config': '# here\nQA_5\n',
  })
  const site = { config: join(home, 'site.ini'), configurationName: join(home, 'metwork.config') }
  const { config, variables, problems } = readConfig(pathsOf(home), readHardware(), {}, { site })
  assert.deepEqual(problems, [])
  assert.deepEqual([config.settings.nginx.port, config.settings.nginx.timeout], [2, 8])
  assert.ok(config.settings.nginx.workers >= 2)
  assert.deepEqual([variables['MFCONFIG'], variables['MFSERV_PLUGIN_BLOG_ROOT']], ['QA_5', home])
})

test('without any file the configuration is the built-in one, and a file that cannot be read is told', (t) => {
  const home = directory(t, { 'site.ini/x': '' })
  const site = { config: join(home, 'site.ini'), configurationName: join(home, 'none') }
  const { config, problems } = readConfig(pathsOf(home), readHardware(), {}, { site })
  assert.equal(config.settings.nginx.port, 18868)
  assert.deepEqual(
    problems.map(({ code, where }) => [code, where?.file]),
    [['DISK', site.config]],
  )
})

test('a value that no process can be given is told with its line, of config.ini and of .layerapi2_extra_env', (t) => {
  const files = { '.layerapi2_label': 'plugin_blog@mfserv\n', 'main/index.html': '' }
  const most = 'x'.repeat(131_072 - 'MFSERV_CURRENT_PLUGIN_CUSTOM_A='.length - 1)
  const right = directory(t, { ...files, 'config.ini': `${CONFIG}[custom]\na=${most}\n` })
  assert.deepEqual(readPlugin(right, {}).problems, [])
  const wrong = directory(t, {
    ...files,
    'config.ini': `${CONFIG}timeout=${most}x\n[custom]\na=${most}x\n`,
    '.layerapi2_extra_env': `A=1\nB=${'x'.repeat(131_072)}\nC=\0\n`,
  })
  assert.deepEqual(
    readPlugin(wrong, {}).problems.map(({ code, where, message }) => [code, where?.line, message.replace(/:.*/, '')]),
    [
      ['INI_BAD_VALUE', 10, 'MFSERV_CURRENT_PLUGIN_APP_MAIN_TIMEOUT is too long for a process'],
      ['INI_BAD_VALUE', 12, 'MFSERV_CURRENT_PLUGIN_CUSTOM_A is too long for a process'],
      ['INI_BAD_VALUE', 2, 'B is too long for a process'],
      ['INI_BAD_VALUE', 3, 'C holds a NUL character, which no process can be given'],
    ],
  )
})

test('a config.ini that is a directory is told so', (t) => {
  const home = directory(t, { '.layerapi2_label': 'plugin_blog@mfserv\n', 'config.ini/x': '' })
  assert.deepEqual(readPlugin(home, {}).problems.map(formatProblem), [
    `${home}/config.ini  ${home}/config.ini is a directory  (DISK)\n  Put a file in its place.`,
  ])
})

test('a dependency without its @mfserv is a warning', (t) => {
  const files = { '.layerapi2_label': 'plugin_blog@mfserv\n', 'config.ini': CONFIG, 'main/index.html': '' }
  const home = directory(t, { ...files, '.layerapi2_dependencies': 'python3@mfserv\n-plugin_shop\nplugin_cafe@mfserv\n' })
  assert.deepEqual(
    readPlugin(home, {}).problems.map(({ code, where, fix }) => [code, where?.line, fix]),
    [['LAYER_LABEL', 2, 'Write -plugin_shop@mfserv.']],
  )
})

test('a config.ini in UTF-16 is one problem, with or without its mark', (t) => {
  for (const mark of ['', '\uFEFF']) {
    const home = directory(t, { '.layerapi2_label': 'plugin_blog@mfserv\n' })
    writeFileSync(join(home, 'config.ini'), mark + CONFIG, 'utf16le')
    assert.deepEqual(
      readPlugin(home, {}).problems.map(({ code, where }) => [code, where?.file]),
      [['NOT_UTF8', join(home, 'config.ini')]],
    )
  }
})

function directory(t: TestContext, files: Readonly<Record<string, string>>): string {
  const home = mkdtempSync(join(tmpdir(), 'mfserv-read-'))
  t.after(() => rmSync(home, { recursive: true }))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true })
    writeFileSync(join(home, path), content)
  }
  return home
}
