import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dangersOf } from './dangers.ts'
import { parsePlugin } from './parse.ts'

test('what debug=1 opens is told for the language of the app', () => {
  const general = '[general]\nversion=1\nsummary=s\nlicense=l\nurl=u\nmaintainer=m\nvendor=v\n'
  const why = (type: string, entry = 'serve {unix_socket_path}'): string | undefined => {
    const configIni = `${general}[app_main]\ntype=${type}\nmain_arg=${entry}\nworkers=1\ndebug=1\n`
    const sources = {
      label: { file: '.layerapi2_label', text: 'plugin_a@mfserv' },
      configIni: { file: 'config.ini', text: configIni },
      dependencies: undefined,
      extraEnv: undefined,
      crontab: undefined,
    }
    const { plugin } = parsePlugin(sources, { home: '/a', present: () => true, text: () => undefined }, {})
    return plugin && dangersOf(plugin).find(({ kind }) => kind === 'debug')?.why
  }
  assert.match(why('python3_sync', 'main.wsgi:app') ?? '', /debugger in the browser/)
  assert.match(why('node') ?? '', /inspector of Node on loopback/)
  assert.match(why('php') ?? '', /PHP errors in the answers/)
  assert.equal(why('command'), 'one worker only')
})
