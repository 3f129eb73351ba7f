import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Plugin } from '../../plugin/plugin.ts'
import { type Paths, pathsOf } from '../home/paths.ts'
import { overrideFiles } from './override-files.ts'
import { removeOverrideTemplate, writeOverrideTemplate } from './override-template.ts'
import { readPlugin } from './read-plugin.ts'

const GENERAL = '[general]\nversion=1\nsummary=s\nlicense=l\nurl=u\nmaintainer=m\nvendor=v\n'
const DOCUMENTED = `${GENERAL}[app_main]
type=python3_sync
main_arg=main.wsgi:application
workers={{MFCOM_HARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2}}
proxy_timeout=7
[extra_daemon_clock]
cmd_and_args=clock
[custom]
greeting=hello
    and goodbye
_private=1
`
const LATER = `${GENERAL.replaceAll(/^(?=\w)/gm, '_')}[app_main]\n_cmd_and_args=serve {unix_socket_path}\nnumprocesses=3\n[custom]\nGreeting=hello\n`
const VARIABLES = { MFCOM_HARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2: '4' }

for (const [dialect, config] of Object.entries({ DOCUMENTED, LATER })) {
  test(`the override template changes nothing as it is, nor when every key in it counts (${dialect.toLowerCase()} dialect)`, (t) => {
    const { plugin, paths, file } = place(t, config)
    assert.equal(writeOverrideTemplate('blog', plugin, paths, VARIABLES, {}), undefined)
    const text = readFileSync(file, 'utf8')
    assert.deepEqual(modelWith(plugin, text), modelOf(plugin))
    const all = text.replaceAll(/^#(?=\S| {4})/gm, '')
    assert.match(all, dialect === 'LATER' ? /^numprocesses=3$/m : /^timeout=7$/m)
    const { apps, daemons, environment } = modelWith(plugin, all)
    const before = modelOf(plugin)
    assert.deepEqual([apps, daemons], [before.apps, before.daemons])
    for (const [name, value] of Object.entries(environment)) {
      if (name.includes('CUSTOM')) assert.equal(value, before.environment[name])
    }
  })
}

test('what a person has written stays when the plugin is installed anew, and the new text lies beside it', (t) => {
  const { plugin, paths, file, rewrite } = place(t, DOCUMENTED)
  writeOverrideTemplate('blog', plugin, paths, VARIABLES, {})
  const first = readFileSync(file, 'utf8')
  rewrite(DOCUMENTED.replace('greeting', 'welcome'))
  assert.equal(writeOverrideTemplate('blog', plugin, paths, VARIABLES, {}), undefined)
  assert.match(readFileSync(file, 'utf8'), /^#welcome=hello\n#\s+and goodbye$/m, 'a file that nobody touched is replaced')
  const mine = first.replace(/^#timeout=.*$/m, 'timeout=9')
  writeFileSync(file, mine)
  assert.equal(writeOverrideTemplate('blog', plugin, paths, VARIABLES, {})?.code, 'OVERRIDE_KEPT')
  assert.equal(readFileSync(file, 'utf8'), mine)
  assert.match(readFileSync(`${file}.new`, 'utf8'), /^#welcome=hello$/m)
  rewrite(DOCUMENTED)
  rmSync(`${file}.new`)
  assert.equal(writeOverrideTemplate('blog', plugin, paths, VARIABLES, {}), undefined, 'the file was made from this very text')
  assert.equal(existsSync(`${file}.new`), false)
})

test('at the end of a plugin its override file goes, unless a value stands in it', (t) => {
  const { plugin, paths, file } = place(t, DOCUMENTED)
  assert.equal(removeOverrideTemplate('blog', paths, {}), 'absent')
  writeOverrideTemplate('blog', plugin, paths, VARIABLES, {})
  writeFileSync(file, `${readFileSync(file, 'utf8')}# a remark\n`)
  writeFileSync(`${file}.new`, '')
  assert.equal(removeOverrideTemplate('blog', paths, {}), 'removed')
  assert.deepEqual([existsSync(file), existsSync(`${file}.new`)], [false, false])
  writeFileSync(file, '[app_main]\ntimeout=9\n')
  assert.equal(removeOverrideTemplate('blog', paths, {}), 'kept')
})

test('an override template, which shows the values of its plugin, is for the user of mfserv alone', (t) => {
  const { plugin, paths, file } = place(t, DOCUMENTED)
  const mask = process.umask(0)
  t.after(() => process.umask(mask))
  writeOverrideTemplate('blog', plugin, paths, VARIABLES, {})
  assert.deepEqual([statSync(dirname(file)).mode & 0o777, statSync(file).mode & 0o777], [0o700, 0o600])
})

function place(t: TestContext, config: string) {
  const directory = mkdtempSync(join(tmpdir(), 'mfserv-override-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const home = join(directory, 'blog')
  mkdirSync(join(home, 'main'), { recursive: true })
  writeFileSync(join(home, 'main/wsgi.py'), '')
  writeFileSync(join(home, '.layerapi2_label'), 'plugin_blog@mfserv\n')
  const rewrite = (text: string): void => writeFileSync(join(home, 'config.ini'), text)
  rewrite(config)
  const { plugin, problems } = readPlugin(home, VARIABLES)
  assert.ok(plugin, problems.map(({ message }) => message).join())
  const paths: Paths = pathsOf(join(directory, 'home'))
  const file = overrideFiles('blog', paths, {}).user
  return { plugin, paths, file, rewrite }
}

function modelOf({ home }: Plugin): Plugin {
  return modelWith({ home }, '')
}

function modelWith({ home }: Pick<Plugin, 'home'>, override: string): Plugin {
  const { plugin, problems } = readPlugin(home, VARIABLES, [{ layer: 'user', file: 'override', text: override }])
  assert.ok(plugin, problems.map(({ message, where }) => `${where?.line} ${message}`).join('\n'))
  return plugin
}
