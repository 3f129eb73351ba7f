import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { MACHINE, parseCase, routesOf } from '../../test/support/routes-fixture.ts'
import { formatProblem } from '../problem.ts'
import { pluginAtLine } from './markers.ts'
import { type Rendered, render } from './render.ts'

const directory = `${import.meta.dirname}/golden`

for (const name of readdirSync(directory)) {
  test(`golden case ${name}`, () => {
    const { input, routes, show, expected } = parseCase(readFileSync(`${directory}/${name}`, 'utf8'))
    const actual = shown(render(routesOf(routes, '/HOME'), MACHINE), show)
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(`${directory}/${name}`, `${input}----------\n${actual}`)
    else assert.equal(actual, expected)
  })
}

function shown(rendered: Rendered, show: 'all' | 'plugins'): string {
  if ('problems' in rendered) {
    return rendered.problems.map(({ plugin, problem }) => `${plugin ?? 'the module'}: ${formatProblem(problem)}\n`).join('')
  }
  if (show === 'all') return rendered.text
  const ofPlugins = rendered.text.split('\n').filter((_line, index) => pluginAtLine(rendered.text, index + 1) !== undefined)
  return `${ofPlugins.join('\n')}\n`
}
