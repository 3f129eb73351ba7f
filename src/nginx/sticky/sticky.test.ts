import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MACHINE, routesOf } from '../../../test/support/routes-fixture.ts'
import { render } from '../render.ts'

test('each of so many slots is as likely as the others, and all are there', () => {
  assert.deepEqual(chances(1), ['* 1;'])
  assert.deepEqual(chances(3), ['33.33% 1;', '33.33% 2;', '* 3;'])
  assert.equal(chances(1000).length, 1000)
  assert.equal(chances(1000)[0], '0.10% 1;')
})

test('apps of the same number of workers share the chance, and the cookie of each is its own', () => {
  const text = rendered([2, 2, 3])
  assert.deepEqual(text.match(/split_clients \S+ \S+/g), [
    'split_clients $request_id $mfserv_slot_of_2',
    'split_clients $request_id $mfserv_slot_of_3',
  ])
  assert.deepEqual(
    new Set(text.match(/mfserv\.chat\.a\d(?==\$)/g)),
    new Set(['mfserv.chat.a0', 'mfserv.chat.a1', 'mfserv.chat.a2']),
  )
})

test('an app below another path, and one at the root, have cookies of their path', () => {
  const text = rendered([1], ['/chat/a', '/'])
  assert.deepEqual(new Set(text.match(/Path=[^;]*/g)), new Set(['Path=/chat/a', 'Path=/']))
})

test('without sticky apps nothing of it is written', () => {
  assert.doesNotMatch(rendered([]), /sticky|split_clients|Set-Cookie|mfserv_secure/)
})

function chances(workers: number): readonly string[] {
  const [, body = ''] = /split_clients [^{]*\{([^}]*)\}/.exec(rendered([workers])) ?? []
  return body
    .trim()
    .split('\n')
    .map((line) => line.trim())
}

/** nginx.conf with one sticky app for each number of workers. */
function rendered(workers: readonly number[], prefixes?: readonly string[]): string {
  const apps = workers.map((count, index) => ({
    app: `a${index}`,
    sticky: `/run/chat.a${index}`,
    sockets: Array.from({ length: count }, (_, slot) => `/run/chat.a${index}.${slot + 1}.sock`),
    ...(prefixes === undefined ? {} : { prefixes }),
  }))
  const result = render(routesOf({ plugins: [{ plugin: 'chat', apps }] }, '/HOME'), MACHINE)
  assert.ok('text' in result)
  return result.text
}
