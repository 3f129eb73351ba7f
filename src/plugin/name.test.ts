import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatProblem } from '../problem.ts'
import { validateName } from './name.ts'

test('names of letters, digits, _ and - are allowed', () => {
  for (const name of ['blog', 'My_Blog-2', '2048', '_x', 'config2', 'base_', 'a'.repeat(64)]) {
    assert.equal(validateName(name), undefined, name)
  }
})

test('a name that is not allowed is refused with its reason', () => {
  const cases = ['', 'a b', 'é', '../x', 'a/b', 'plugin_x', '__x', '-x', 'base', 'config', 'compile-cache', 'a'.repeat(65), 'a\n']
  assert.deepEqual(
    cases.map((name) => {
      const problem = validateName(name)
      return problem === undefined ? 'allowed' : formatProblem(problem)
    }),
    [
      'the plugin name "" is empty  (PLUGIN_NAME)\n  Use letters, digits, _ and - only.',
      'the plugin name "a b" has other characters than letters, digits, _ and -  (PLUGIN_NAME)\n  Use letters, digits, _ and - only.',
      'the plugin name "é" has other characters than letters, digits, _ and -  (PLUGIN_NAME)\n  Use letters, digits, _ and - only.',
      'the plugin name "../x" has other characters than letters, digits, _ and -  (PLUGIN_NAME)\n  Use letters, digits, _ and - only.',
      'the plugin name "a/b" has other characters than letters, digits, _ and -  (PLUGIN_NAME)\n  Use letters, digits, _ and - only.',
      'the plugin name "plugin_x" starts with plugin_  (PLUGIN_NAME)\n  Leave the plugin_ out.',
      'the plugin name "__x" starts with __  (PLUGIN_NAME)\n  Start it with a letter.',
      'the plugin name "-x" starts with -, as an option does  (PLUGIN_NAME)\n  Start it with a letter.',
      'the plugin name "base" is used by mfserv itself  (PLUGIN_NAME)\n  Choose another one.',
      'the plugin name "config" is used by mfserv itself  (PLUGIN_NAME)\n  Choose another one.',
      'the plugin name "compile-cache" is used by mfserv itself  (PLUGIN_NAME)\n  Choose another one.',
      `the plugin name "${'a'.repeat(65)}" has 65 characters  (PLUGIN_NAME)\n  Use at most 64.`,
      'the plugin name "a\n" has other characters than letters, digits, _ and -  (PLUGIN_NAME)\n  Use letters, digits, _ and - only.',
    ],
  )
})

test('a word of mfserv is no name of a plugin, alone or as the name of a directory or a URL', () => {
  for (const name of ['base', 'config', 'config_auto', 'compile-cache', 'start', 'status', 'uuid']) {
    assert.match(validateName(name)?.message ?? '', / is used by mfserv itself$/, name)
  }
})

test('no allowed name can leave its directory or mean something to a shell', () => {
  fc.assert(fc.property(fc.string(), (name) => validateName(name) !== undefined || /^\w[\w-]{0,63}$/.test(name)))
})
