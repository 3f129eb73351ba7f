import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { comment, lines, nginx, textOf, verbatim } from '../../nginx/quote.ts'
import { Problem, Problems } from '../../problem.ts'
import type { Proof } from './program.ts'
import { proveWithQuarantine, type Quarantine } from './quarantine.ts'

test('every plugin that nginx refuses is left out with the message, and the others are served', async () => {
  const { text, quarantined } = await proveWithQuarantine(fake({ a: 'ok;', b: 'bad;', c: 'ok;', d: 'bad;' }))
  assert.deepEqual([...quarantined.keys()], ['b', 'd'])
  assert.match(quarantined.get('b')?.message ?? '', /^nginx refuses plugin b: unknown directive "bad", at: bad;$/)
  assert.equal(text.includes('bad;'), false)
  assert.equal(text.match(/ok;/g)?.length, 2)
})

test('a message that points at no plugin still leads to the right one', async () => {
  const { quarantined } = await proveWithQuarantine(fake({ a: 'ok;', b: 'elsewhere;', c: 'bad;' }))
  assert.deepEqual([...quarantined.keys()], ['b', 'c'])
})

test('a plugin that is blamed for the fault of another comes back when the other is out', async () => {
  // c is refused only because of d, which stands later.
  const { quarantined } = await proveWithQuarantine(fake({ b: 'ok;', c: 'needs-no-d;', d: 'bad;' }))
  assert.deepEqual([...quarantined.keys()], ['d'])
})

test('a plugin with a value that nginx.conf cannot hold is left out with every problem it has', async () => {
  const { quarantined, text } = await proveWithQuarantine(fake({ a: 'ok;', b: '$' }))
  assert.deepEqual(
    [...quarantined.entries()].map(([plugin, { message }]) => [plugin, message]),
    [['b', 'one\ntwo']],
  )
  assert.match(text, /ok;/)
})

test('a configuration that is refused without any plugin is a problem of the module', async () => {
  await assert.rejects(proveWithQuarantine(fake({ module: 'elsewhere;', a: 'ok;' })), (error) => {
    assert.ok(error instanceof Problems)
    assert.match(error.all[0]?.message ?? '', /^nginx refuses the configuration of the module: cannot load certificate/)
    return true
  })
})

test('whatever the plugins hold, exactly the faulty ones are left out', async () => {
  const piece = fc.constantFrom('ok;', 'bad;', 'elsewhere;', '$')
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), piece), async (plugins) => {
      const { quarantined } = await proveWithQuarantine(fake(plugins))
      const faulty = Object.keys(plugins).filter((name) => plugins[name] !== 'ok;')
      assert.deepEqual([...quarantined.keys()].sort(), faulty.sort())
    }),
    { numRuns: 60 },
  )
})

/** One line for each plugin; `module` stands outside all of them. */
function fake(pieces: Readonly<Record<string, string>>): Quarantine {
  return {
    plugins: Object.keys(pieces).filter((name) => name !== 'module'),
    render: (excluded) => {
      const present = Object.entries(pieces).filter(([name]) => !excluded.has(name))
      const unsafe = present.filter(([, piece]) => piece === '$')
      const problems = unsafe.flatMap(([plugin]) =>
        ['one', 'two'].map((message) => ({ plugin, problem: new Problem('NGINX_UNSAFE_VALUE', message, 'fix') })),
      )
      if (problems.length > 0) return { problems }
      const marked = present.map(([name, piece]) => {
        return name === 'module'
          ? verbatim(piece)
          : lines([comment(`>>> plugin ${name}`), verbatim(piece), comment(`<<< plugin ${name}`)])
      })
      return { text: textOf(lines([nginx`events { }`, ...marked])) }
    },
    prove: async (text): Promise<Proof> => {
      const written = text.split('\n')
      const refuse = (message: string): Proof => ({
        is: 'refused',
        output: `2026/11/22 10:09:43 [emerg] 485#485: ${message}\nnginx: configuration file test failed`,
      })
      for (const [index, line] of written.entries()) {
        if (line === 'elsewhere;') return refuse('cannot load certificate in /other/file:3')
        if (line === 'bad;') return refuse(`unknown directive "bad" in /a b/nginx.conf.candidate:${index + 1}`)
        if (line === 'needs-no-d;' && text.includes('plugin d')) return refuse(`x in /a b/nginx.conf.candidate:${index + 1}`)
      }
      return { is: 'accepted' }
    },
  }
}
