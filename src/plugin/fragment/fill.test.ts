import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatProblem } from '../../problem.ts'
import { fillFragment, fragmentValues } from './fill.ts'

const VARIABLES = { NAME: 'blog', FLAG: '1', OFF: '', MFMODULE_RUNTIME_HOME: '/home/x' }

test('a name between two braces is replaced, and what no name is stays nginx’s own', () => {
  assert.equal(filled('set $a {{NAME}}; set $b "{{ PLUGIN.name }}-{{APP.name}}";'), 'set $a blog; set $b "blog-main";')
  for (const own of [
    'map $a $b {\n  "~^/\\d{2}$" 1;\n}',
    `return 200 '{{"a": 1}}';`,
    'location /x { # {{\n}',
    'a {{1, 2}};',
    '{{}}',
  ])
    assert.equal(filled(own), own)
})

test('the filters and conditions of Jinja that fragments use are followed, and the lines keep their numbers', () => {
  assert.equal(filled('{{NAME|upper}} {{NONE|default("x")}} {{OFF|default("y", true)}} {{getenv("NAME")}}'), 'BLOG x y blog')
  assert.equal(filled('{% if FLAG == "1" %}\na;\n{% else %}\nb;\n{% endif %}\nc;'), '\na;\n\n\n\nc;')
  assert.equal(
    filled('{% if not FLAG %}\na;\n{% elif NAME == "blog" and FLAG %}\nb;\n{% else %}\nc;\n{% endif %}'),
    '\n\n\nb;\n\n\n',
  )
  assert.equal(filled('{% if A is defined %}a{% endif %}{% if NAME is defined %}b{% endif %}'), 'b')
  assert.equal(filled('{% if FLAG %}{% if OFF %}a{% else %}b{% endif %}{% endif %}'), 'b')
  assert.equal(filled('{% if OFF %}{% if FLAG %}a{% else %}b{% endif %}{{NONE}}{% endif %}'), '')
  assert.equal(filled('{# one\ntwo #}\na;'), '\n\na;')
  assert.equal(filled('{% raw %}{{NAME}} {% if x %}{% endraw %} {{NAME}}'), '{{NAME}} {% if x %} blog')
  assert.equal(filled('{{NAME}} {% raw %}{{NAME}}{% endraw %}'), 'blog {{NAME}}')
  assert.equal(filled('{% raw %}{% endraw %}{{NAME}}{% endraw %}'), 'blog{% endraw %}')
  const end = '{% endraw %}'
  assert.equal(filled(`${end}{% raw %}{{NAME}}${end}${end}${end}`), `${end}{{NAME}}${end}${end}`)
})

test('of the parts of a condition the first one that holds is shown, and no other', () => {
  for (const [first, second, expected] of [
    ['FLAG', 'FLAG', 'a'],
    ['FLAG', 'OFF', 'a'],
    ['OFF', 'FLAG', 'b'],
    ['OFF', 'OFF', 'c'],
  ])
    assert.equal(filled(`{% if ${first} %}a{% elif ${second} %}b{% else %}c{% else %}d{% endif %}`), expected)
})

test('a fragment may name its plugin, and one of an app the app under both names', () => {
  const names = { name: 'blog', values: () => VARIABLES }
  assert.deepEqual(fragmentValues(names), { variables: VARIABLES, dotted: { 'PLUGIN.name': 'blog' } })
  assert.deepEqual(fragmentValues(names, 'main').dotted, { 'PLUGIN.name': 'blog', 'APP.name': 'main', 'APP.app_name': 'main' })
})

test('the values are worked out only for a text in which something stands between braces', () => {
  const none = () => assert.fail('worked out')
  assert.deepEqual(fillFragment('f.conf', 'location / { return 204; }', none), {
    text: 'location / { return 204; }',
    problems: [],
  })
})

test('a name that nothing has stays and is told with its line, and so is a tag that is not known', () => {
  assert.deepEqual(problems('a;\n{{NAM}};'), [
    'f.conf:2  there is no variable NAM, so {{NAM}} stays as it is  (NGINX_UNKNOWN_VARIABLE)\n  Did you mean "NAME"? Name a variable of the environment. Braces that are meant stand between {% raw %} and {% endraw %}.',
  ])
  assert.match(
    problems('\n\n{% for x in y %}')[0] ?? '',
    /^f.conf:3 {2}\{% for x in y %\} is not known here {2}\(NGINX_UNSAFE_VALUE\)/,
  )
  assert.match(problems('{% if NAME + 1 %}{% endif %}')[0] ?? '', /^f.conf:1 {2}cannot read the condition "NAME \+ 1"/)
  assert.match(problems('{% if NAME %}\n')[0] ?? '', /^f.conf:1 {2}\{% if %\} is not closed/)
  assert.match(problems('{% endif %}')[0] ?? '', /is not known here/)
  assert.equal(filled('a;\n{% for x in y %}\nb;'), 'a;\n{% for x in y %}\nb;')
})

test('a name that every JavaScript object has is one that nothing has', () => {
  assert.equal(filled('{{constructor}}'), '{{constructor}}')
  assert.match(problems('{{constructor}}')[0] ?? '', /there is no variable constructor/)
})

test('the nearest name is looked for up to fifty times, however often a fragment is wrong', () => {
  const found = problems('{{NAMF}}'.repeat(60))
  assert.deepEqual([found.length, found.filter((text) => text.includes('Did you mean "NAME"?')).length], [60, 50])
})

test('an old name is replaced by the value of the new one, with a warning', () => {
  assert.equal(filled('root {{MODULE_RUNTIME_HOME}};'), 'root /home/x;')
  assert.match(
    problems('root {{MODULE_RUNTIME_HOME}};')[0] ?? '',
    /MODULE_RUNTIME_HOME is an old name of MFMODULE_RUNTIME_HOME {2}\(OLD_NAME\)/,
  )
  const both = { MODULE_RUNTIME_HOME: '/old', MFMODULE_RUNTIME_HOME: '/new' }
  assert.equal(fillFragment('f', '{{MODULE_RUNTIME_HOME}}', () => ({ variables: both, dotted: {} })).text, '/old')
})

test('no text takes long: a brace that nothing closes is read once', () => {
  const many = 50_000
  for (const part of ['{{', '{% raw %}', '{% if ', ' {#', '{% endraw %}{% raw %}', '{{NAME}', '{% if x   '])
    assert.equal(typeof filled(part.repeat(many)), 'string')
})

function filled(text: string): string {
  return read(text).text
}

function problems(text: string): readonly string[] {
  return read(text).problems.map(formatProblem)
}

function read(text: string) {
  return fillFragment('f.conf', text, () => ({ variables: VARIABLES, dotted: { 'PLUGIN.name': 'blog', 'APP.name': 'main' } }))
}
