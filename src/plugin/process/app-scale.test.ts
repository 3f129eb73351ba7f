import assert from 'node:assert/strict'
import test from 'node:test'
import { formatProblem } from '../../problem.ts'
import { parsePlugin } from '../parse.ts'

test('an app has a number of workers, or as many as it needs between two; in the debugger it has one', () => {
  const read = (lines: string) => {
    const { app, problems } = parsed(`type=node\nmain_arg=server.js\n${lines}`)
    return [app?.workers, app?.scale, ...problems]
  }
  assert.deepEqual(read('workers=2\n'), [2, undefined])
  assert.deepEqual(read('workers=0..4\n'), [4, { least: 0, sleepAfter: undefined }])
  assert.deepEqual(read('workers=1..4\nsleep_after=0\n'), [4, { least: 1, sleepAfter: 0 }])
  assert.deepEqual(read('numprocesses=0..4\nsleep_after=60\n'), [4, { least: 0, sleepAfter: 60 }])
  assert.deepEqual(read('workers=0..4\ndebug=1\n'), [1, undefined])
})

test('a bad number, and a time to sleep that nothing comes of, are told with their line', () => {
  const read = (lines: string) => parsed(`type=node\nmain_arg=server.js\n${lines}`).problems
  assert.deepEqual(read('workers=4..0\n'), [
    'config.ini:11  workers is "4..0"  (INI_BAD_VALUE)\n  Write a whole number from 0 to 1000, or two such as 0..4.',
  ])
  assert.deepEqual(read('workers=1..4\nsleep_after=60\n'), [
    'config.ini:12  sleep_after has no effect: workers does not begin with 0..  (INI_IGNORED_KEY)\n  Write workers = 0..4, or remove the line.',
  ])
})

function parsed(app: string) {
  const general = '[general]\nversion=1\nsummary=s\nlicense=l\nurl=u\nmaintainer=m\nvendor=v\n'
  const { plugin, problems } = parsePlugin(
    {
      label: { file: '.layerapi2_label', text: 'plugin_blog@mfserv\n' },
      configIni: { file: 'config.ini', text: `${general}[app_main]\n${app}` },
      dependencies: undefined,
      extraEnv: undefined,
      crontab: undefined,
    },
    { home: '/plugins/blog', present: () => true, text: () => '' },
    {},
  )
  return { app: plugin?.apps[0], problems: problems.map(formatProblem) }
}
