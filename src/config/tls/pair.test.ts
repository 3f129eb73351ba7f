import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endingProblem } from './ending.ts'
import { namesIn, type PairFacts, whyNotInstead } from './pair.ts'

const DAY = 86_400_000
const NOW = 1_000 * DAY
const GOOD: PairFacts = { names: [], from: 0, until: NOW + DAY, serial: '1', issuer: 'CN=R3', hasChain: true }

test('a good certificate is not replaced by one that clients would refuse', () => {
  const cases: readonly [Partial<PairFacts>, Partial<PairFacts> | undefined, RegExp | undefined][] = [
    [{}, {}, undefined],
    [{ until: NOW }, {}, /^ended on 1972-09-27$/],
    [{ from: NOW + 1 }, {}, /^is valid from 1972-09-27 on only$/],
    [{ hasChain: false }, {}, /without its chain.*\(CN=R3\)/],
    [{ hasChain: false }, { hasChain: false }, undefined],
    [{ hasChain: false }, { until: NOW }, undefined],
    [{ until: NOW }, undefined, undefined],
    [{ hasChain: false }, undefined, undefined],
  ]
  for (const [next, kept, expected] of cases) {
    const why = whyNotInstead({ ...GOOD, ...next }, kept && { ...GOOD, ...kept }, NOW)
    if (expected === undefined) assert.equal(why, undefined, JSON.stringify([next, kept]))
    else assert.match(why ?? '', expected)
  }
})

test('only host names are taken from a certificate, in small letters', () => {
  assert.deepEqual(namesIn('DNS:WWW.example.org, IP Address:10.1.2.3, DNS:*.example.org, URI:http://a'), [
    'www.example.org',
    '*.example.org',
  ])
  assert.deepEqual(namesIn('DNS:w*.example.org, DNS:*, DNS:a b, DNS:$x, DNS:a..b, DNS:"x, DNS:y"'), [])
  assert.deepEqual(namesIn(undefined), [])
})

test('the end of a certificate is told 14 days before, or half of its life if that is shorter, and counts as an error then', () => {
  const at = { section: 'nginx', certificate: '/c.pem', key: '/k.pem', names: [], where: { file: 'config.ini', line: 3 } }
  const told = (days: number, life: number): string | undefined => {
    const until = NOW + days * DAY
    const problem = endingProblem(at, { ...GOOD, from: until - life * DAY, until }, NOW)
    return problem && `${problem.code} ${problem.message}`
  }
  assert.equal(told(15, 90), undefined)
  assert.equal(told(14, 90), 'CERTIFICATE_ENDS [nginx] the certificate /c.pem ends on 1972-10-11, in 14 days')
  assert.match(told(0.5, 90) ?? '', /^CERTIFICATE_ENDS .* within a day$/)
  assert.equal(told(0, 90), 'CERTIFICATE [nginx] the certificate /c.pem ended on 1972-09-27: clients refuse it')
  assert.equal(told(4, 6), undefined)
  assert.match(told(3, 6) ?? '', /^CERTIFICATE_ENDS /)
})
