import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { readPage } from '../../config/faces/error-page.ts'
import { formatProblem } from '../../problem.ts'
import { textOf } from '../quote.ts'
import { nginxPage, OWN_PAGE, OWN_POLICY } from './page.ts'

test('the style of the page is the one that its policy allows', () => {
  const [, style = ''] = /<style>([^<]*)<\/style>/.exec(OWN_PAGE) ?? []
  const digest = createHash('sha256').update(style).digest('base64')
  assert.ok(OWN_POLICY.includes(`'sha256-${digest}'`), digest)
})

test('the page of mfserv can be used as one of a plugin', () => {
  assert.deepEqual(readPage('error.html', OWN_PAGE, undefined).problems, [])
})

test('a page becomes values of nginx in which nothing is read as a variable, but for its places', () => {
  const { variables, value } = nginxPage('<b>$uri "{{ status }}" \\ {{unknown}}\n{{request_id}}</b>', 3)
  assert.equal(textOf(value), '$mfserv_page_3_0$status$mfserv_page_3_1$mfserv_request_id$mfserv_page_3_2')
  assert.deepEqual(
    variables.map((one) => textOf(one).split('\n')[1]?.trim()),
    [String.raw`default "<b>$uri \"";`, String.raw`default "\" \\ {{unknown}}\n";`, 'default "</b>";'],
  )
  assert.deepEqual(
    variables.flatMap(({ unsafe }) => unsafe),
    [],
  )
})

test('no piece of a page is longer than nginx takes, in any language', () => {
  for (const text of ['x'.repeat(5000), '"'.repeat(5000), '𝄞'.repeat(5000)]) {
    const { variables } = nginxPage(text, 0)
    assert.ok(variables.length > 1)
    for (const variable of variables) for (const line of textOf(variable).split('\n')) assert.ok(Buffer.byteLength(line) < 4000)
  }
})

test('a page that cannot be used is named with the line of its key, and the fix', () => {
  const where = { file: 'config.ini', line: 7 }
  const told = (text: string | undefined): readonly string[] => readPage('error.html', text, where).problems.map(formatProblem)
  assert.deepEqual(told(undefined), [
    'config.ini:7  error_page names error.html, which is not there, so the page of mfserv is shown  (ERROR_PAGE)\n  Create the file, or remove the line.',
  ])
  assert.match(told('x'.repeat(65_537))[0] ?? '', /^config\.ini:7 {2}error\.html has more than 65536 characters/)
  assert.match(told('{{status}}'.repeat(33))[0] ?? '', /more than 32 places/)
  assert.deepEqual(told('{{status}}'.repeat(32)), [])
  assert.match(told('a\nb\0')[0] ?? '', /a control character in line 2/)
  assert.equal(readPage('error.html', 'a\0', where).page, undefined)
})
