import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logicalLines, packageName, readRequirementLine } from './requirement-line.ts'

test('each line of a requirements file is read as pip reads it', () => {
  const path = (written: string, name = '', extras = '', marker = '') => ({ is: 'path', path: written, name, extras, marker })
  const kept = (text: string) => ({ is: 'package', text })
  const option = (name: string, value = '') => ({ is: 'options', options: [{ name, value }] })
  const cases = [
    ['flask>=3', kept('flask>=3')],
    ['flask[async]>=3 ; python_version > "3.8"', kept('flask[async]>=3 ; python_version > "3.8"')],
    ['six==1.17.0 --hash=sha256:00', kept('six==1.17.0 --hash=sha256:00')],
    ['my_tool @ https://example.org/x.zip', kept('my_tool @ https://example.org/x.zip')],
    ['git+https://example.org/x.git@v1#egg=x', kept('x @ git+https://example.org/x.git@v1')],
    ['-e git+https://example.org/x.git#egg=x', kept('x @ git+https://example.org/x.git')],
    [
      '-e "git+ssh://git@example.org/x.git#egg=x[fast]&subdirectory=lib"',
      kept('x[fast] @ git+ssh://git@example.org/x.git#subdirectory=lib'),
    ],
    ['--editable=git+file:///srv/x', kept('git+file:///srv/x')],
    ['../libs/mylib', path('../libs/mylib')],
    ['./libs/mylib[fast,slow] ; python_version > "3"', path('./libs/mylib', '', '[fast,slow]', 'python_version > "3"')],
    ['libs/mylib', path('libs/mylib')],
    ['-e .', path('.')],
    ['-e ./libs/mylib[fast]', path('./libs/mylib', '', '[fast]')],
    ['--editable ../mylib', path('../mylib')],
    ['/srv/mylib', path('/srv/mylib')],
    ['file:./libs/mylib', path('./libs/mylib')],
    ['file:///srv/my%20lib#egg=mylib', path('/srv/my lib')],
    ['mylib[fast] @ file:///srv/mylib', path('/srv/mylib', 'mylib', '[fast]')],
    ['mylib @ ./libs/mylib', path('./libs/mylib', 'mylib')],
    ['mylib [fast] @ ./libs/mylib', path('./libs/mylib', 'mylib', '[fast]')],
    ['file:./100%', path('./100%')],
    ['file:./a%0Ab', path('./a\nb')],
    // What ends a line elsewhere, and not in a requirements file.
    ['./a\u2028b', kept('./a\u2028b')],
    ['git+https://example.org/x\u2028y', kept('git+https://example.org/x\u2028y')],
    ['git+https://example.org/x#egg=a&egg=b', kept('a @ git+https://example.org/x')],
    ['./wheels/x-1-py3-none-any.whl', path('./wheels/x-1-py3-none-any.whl')],
    ['-r base.txt', { is: 'include', as: 'requirements', path: 'base.txt' }],
    ['-rbase.txt', { is: 'include', as: 'requirements', path: 'base.txt' }],
    ['--requirement=base.txt', { is: 'include', as: 'requirements', path: 'base.txt' }],
    ['-c limits.txt', { is: 'include', as: 'constraints', path: 'limits.txt' }],
    ['--constraint "my limits.txt"', { is: 'include', as: 'constraints', path: 'my limits.txt' }],
    ['-i https://example.org/simple', option('--index-url', 'https://example.org/simple')],
    ['--extra-index-url=https://example.org/simple', option('--extra-index-url', 'https://example.org/simple')],
    ['-f ./wheels', option('--find-links', './wheels')],
    ['-f ./wheels more', option('--find-links', './wheels')],
    ['--pre', option('--pre')],
    ['-', { is: 'options', options: [] }],
    [
      '--no-index --find-links ./wheels',
      {
        is: 'options',
        options: [
          { name: '--no-index', value: '' },
          { name: '--find-links', value: './wheels' },
        ],
      },
    ],
  ] as const
  for (const [text, expected] of cases) assert.deepEqual(readRequirementLine(text), expected, text)
})

test('a requirement over several lines has the place of its first one, and comments are none', () => {
  const text = '# web\r\n\r\nflask \\\r\n  >=3  # new\r\nx @ https://example.org/x#egg=x\nsix==1 \\\n  --hash=sha256:00'
  assert.deepEqual(
    logicalLines(text).map(({ text: one, line }) => [one.replace(/\s+/g, ' '), line]),
    [
      ['flask >=3', 3],
      ['x @ https://example.org/x#egg=x', 5],
      ['six==1 --hash=sha256:00', 6],
    ],
  )
})

test('a line goes on behind its backslash as it does for pip', () => {
  const texts = (text: string) => logicalLines(text).map((one) => [one.text, one.line])
  assert.deepEqual(texts('flask>\\\n=3'), [['flask>=3', 1]])
  assert.deepEqual(texts('flask\\\n# web'), [['flask', 1]])
  assert.deepEqual(texts('six\nflask \\'), [
    ['six', 1],
    ['flask', 2],
  ])
})

test('the name of a package is the same in every spelling that Python takes', () => {
  const cases = [
    ['Zope_Interface>=5', 'zope-interface'],
    ['requests[socks]==2', 'requests'],
    ['a.b-c @ https://example.org', 'a-b-c'],
    ['-e ./x', undefined],
  ] as const
  for (const [text, expected] of cases) assert.equal(packageName(text), expected)
})
