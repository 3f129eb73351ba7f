import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oldWords, presentName, withOldNames } from './old-names.ts'

const WHERE = { file: 'config.ini', line: 3 }

function messages(line: string): readonly string[] {
  return oldWords(line, WHERE).map(({ message }) => message)
}

test('a variable of the first plugins is there under both names, as far as it is there at all', () => {
  const environment = { MFMODULE: 'MFSERV', HOME: '/srv' }
  assert.deepEqual(withOldNames(environment), { ...environment, MODULE: 'MFSERV' })
  assert.deepEqual(
    [presentName('MODULE_HOME'), presentName('HOME'), presentName('toString')],
    ['MFMODULE_HOME', 'HOME', 'toString'],
  )
})

test('each old name in a command line is told once, however it is written, and other names are not', () => {
  const home = 'MODULE_HOME is an old name of MFMODULE_HOME'
  assert.deepEqual(messages(['$MODULE_HOME/a $', '{MODULE_HOME}/b $MODULE_HOMES $HOME MODULE_HOME'].join('')), [home])
  assert.deepEqual(messages(['$', '{MODULE}'].join('')), ['MODULE is an old name of MFMODULE'])
})

test('layer_wrapper is told beside the old names, as a command and not as a part of a word', () => {
  const wrapper = 'layer_wrapper is an old way to run a command in the environment of a plugin'
  for (const line of ['layer_wrapper --x', '/opt/bin/layer_wrapper', 'a;layer_wrapper b', 'a && layer_wrapper']) {
    assert.deepEqual(messages(line), [wrapper], line)
  }
  assert.deepEqual(messages('my_layer_wrapper layer_wrapper.sh'), [])
  assert.deepEqual(messages('layer_wrapper $MODULE'), ['MODULE is an old name of MFMODULE', wrapper])
})
