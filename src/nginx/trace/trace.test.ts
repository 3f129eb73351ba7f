import assert from 'node:assert/strict'
import { test } from 'node:test'
import { routesOf } from '../../../test/support/routes-fixture.ts'
import { render } from '../render.ts'

const MACHINE = { modules: new Set<string>(), openFiles: 20_000 } as never

/** The pattern by which nginx takes a trace over. */
function pattern(): RegExp {
  const rendered = render(routesOf({ server: { trace: true } }, '/HOME'), MACHINE)
  assert.ok('text' in rendered)
  const [, written = ''] =
    /map \$http_traceparent \$mfserv_traceparent \{\s+default [^;]*;\s+"~([^"]*)"/.exec(rendered.text) ?? []
  return new RegExp(written)
}

test('a trace is taken over when it is one of W3C Trace Context, and only then', () => {
  const valid = pattern()
  const [trace, parent] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7']
  for (const text of [`00-${trace}-${parent}-01`, `00-${trace}-${parent}-00`, `cc-${trace}-${parent}-ff`])
    assert.match(text, valid)
  for (const text of [
    '',
    `ff-${trace}-${parent}-01`,
    `00-${'0'.repeat(32)}-${parent}-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `00-${trace.toUpperCase()}-${parent}-01`,
    `00-${trace}-${parent}-01-more`,
    `00-${trace}-${parent}`,
    ` 00-${trace}-${parent}-01`,
    `00-${trace}-${parent}-01, 00-${trace}-${parent}-01`,
  ])
    assert.doesNotMatch(text, valid, text)
})
