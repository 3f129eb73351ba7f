import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closedIndex, condensed, decisiveLine, failedPackage, missingPart } from './tool-message.ts'

const COMPILING = Array.from(
  { length: 70 },
  (_one, index) => `         x86_64-linux-gnu-gcc -c part${index}.c -o part${index}.o ${'-I/x '.repeat(90)}`,
)
const UV = [
  'error: Failed to build `psycopg2==2.8.3`',
  '  cause: The build backend returned an error',
  '         [stderr]',
  ...COMPILING.slice(0, 40),
  '         psycopg/psycopgmodule.c:920:36: error: lvalue required as left operand of assignment',
  ...COMPILING.slice(40),
  "         error: Command '['x86_64-linux-gnu-gcc', '-c']' returned non-zero exit status 1.",
  '',
  'hint: Build failures usually indicate a problem with the package or the build environment',
].join('\n')
const PIP = [
  '  error: subprocess-exited-with-error',
  '  × python setup.py bdist_wheel did not run successfully.',
  ...COMPILING,
  '      Error: pg_config executable not found.',
  ...COMPILING,
  '  note: This error originates from a subprocess, and is likely not a problem with pip.',
  '  ERROR: Failed building wheel for psycopg2',
  'ERROR: Could not build wheels for psycopg2, which is required to install pyproject.toml-based projects',
].join('\n')

test('the line that says why is shown, however long the output is', () => {
  const cases = [
    [UV, 'psycopg/psycopgmodule.c:920:36: error: lvalue required as left operand of assignment', 'psycopg2==2.8.3'],
    [PIP, 'Error: pg_config executable not found.', 'psycopg2'],
  ] as const
  for (const [output, line, name] of cases) {
    const shown = condensed(output)
    assert.ok(shown.includes(line), shown)
    assert.ok(shown.split('\n').length < 70)
    assert.ok(shown.split('\n').every((one) => one.length < 260))
    assert.equal(decisiveLine(output), line)
    assert.equal(failedPackage(output), name)
  }
})

test('a short output stays as it is', () => {
  const output = 'ERROR: No matching distribution found for nothing==9'
  assert.equal(condensed(output), output)
  assert.equal(failedPackage(output), 'nothing==9')
  assert.equal(failedPackage('Because there is no version of six==99 and you require six==99'), 'six==99')
  assert.equal(failedPackage('nothing in particular'), undefined)
})

test('what the machine lacks is said with how to get it', () => {
  const cases = [
    ['Error: pg_config executable not found.', /libpq-dev/],
    ['x.c:1:10: fatal error: Python.h: No such file or directory', /python3-dev/],
    ["error: command 'gcc' failed: No such file or directory", /build-essential/],
    ['  cause: Git operation failed', /repository can be reached/],
  ] as const
  for (const [output, expected] of cases) assert.match(missingPart(output) ?? '', expected)
  assert.equal(missingPart('something else'), undefined)
})

test('an index that wants a password is known by what uv and pip say of it', () => {
  const uv =
    'hint: An index URL (http://127.0.0.1:1/simple) could not be queried due to a lack of valid authentication credentials (401 Unauthorized)'
  const pip = 'WARNING: 401 Error, Credentials not correct for https://pypi.example.org/simple/flask/'
  assert.deepEqual(closedIndex(uv), { url: 'http://127.0.0.1:1/simple', status: '401' })
  assert.deepEqual(closedIndex(pip), { url: 'https://pypi.example.org/simple/flask/', status: '401' })
  assert.equal(closedIndex('error: HTTP status 404 for url http://x/'), undefined)
})
