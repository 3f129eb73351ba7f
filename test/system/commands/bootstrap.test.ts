import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { PassThrough } from 'node:stream'
import { after, test } from 'node:test'
import { prompt } from '../../../src/cli/prompt.ts'
import { Problem } from '../../../src/problem.ts'
import { TEMPLATES } from '../../../src/template/templates.ts'

const MAIN = resolve(import.meta.dirname, '../../../src/cli/main.ts')
const ROOT = mkdtempSync(join(tmpdir(), 'mfserv-bootstrap-'))
const ENV = { ...process.env, MFMODULE_RUNTIME_HOME: join(ROOT, 'runtime') }
after(() => rmSync(ROOT, { recursive: true, force: true }))

test('list prints the documented heading and one line for each template, with what it is for', () => {
  const { status, stdout } = bootstrap(emptyDirectory(), ['list'])
  const [heading, ...lines] = stdout.trimEnd().split('\n')
  assert.equal(heading, 'List of available plugin templates:')
  const expected = Object.entries(TEMPLATES).map(([name, { summary }]) => [name, summary])
  assert.deepEqual(
    lines.map((line) => /^ {5}\* (\S+) {2,}(\S.*)$/.exec(line)?.slice(1)),
    expected,
  )
  assert.equal(status, 0)
})

for (const template of Object.keys(TEMPLATES)) {
  test(`create --no-input --template=${template} makes the plugin with every default and says what to do next`, () => {
    const cwd = emptyDirectory()
    const { status, stdout } = bootstrap(cwd, ['create', '--no-input', `--template=${template}`, 'shop'])
    assert.equal(status, 0)
    // A plugin without an app has no URL.
    const url = template === 'empty' ? [] : ['  curl http://localhost:18868/shop']
    const steps = ['Next:', '  cd shop', '  make develop', ...url]
    assert.deepEqual(stdout.trimEnd().split('\n'), [`Plugin shop was created in ${cwd}/shop`, '', ...steps])
    assert.deepEqual(readdirSync(cwd), ['shop'])
    assert.equal(readFileSync(join(cwd, 'shop/.layerapi2_label'), 'utf8'), 'plugin_shop@mfserv\n')
  })
}

test('the documented answers, piped in all at once, end up in config.ini', () => {
  const cwd = emptyDirectory()
  const answers = ['1.2.3', 'My shop', 'yes', 'mit', 'http://x.org', 'A B <a@b>', 'Me', '1', '4']
  const { status, stdout } = bootstrap(cwd, ['create', 'shop'], answers)
  assert.equal(status, 0)
  assert.match(
    stdout,
    /^version \[0\.0\.1\]: 1\.2\.3\none_line_summary \[one line summary\]: My shop\nSelect crontab_support:\n1 - no .*\n2 - yes .*\nChoose from 1, 2 \[1\]: yes\n/,
  )
  const written = {
    version: '1.2.3',
    summary: 'My shop',
    license: 'MIT',
    url: 'http://x.org',
    maintainer: 'A B <a@b>',
    vendor: 'Me',
  }
  const values = configValues(cwd)
  for (const [key, value] of Object.entries({ ...written, type: 'python3_sync', workers: '4' })) assert.equal(values[key], value)
  assert.ok(existsSync(join(cwd, 'shop/crontab')))
})

test('fields that a pipe does not answer keep their defaults, and the output says which', () => {
  const cwd = emptyDirectory()
  const { status, stdout } = bootstrap(cwd, ['create', '--template=static', 'shop'], ['1.2.3', '', '2'])
  assert.equal(status, 0)
  assert.match(stdout, /The input ended: url, maintainer, vendor keep their defaults\./)
  assert.deepEqual(
    [configValues(cwd)['version'], configValues(cwd)['license'], configValues(cwd)['vendor']],
    ['1.2.3', 'BSD', 'MetWork'],
  )
})

test('a wrong answer from a pipe is named, ends with exit code 1 and leaves nothing behind', () => {
  const cwd = emptyDirectory()
  const { status, stderr } = bootstrap(cwd, ['create', 'shop'], ['1.2.3', 'x', '1', '9'])
  assert.equal(status, 1)
  assert.match(
    stderr,
    /answer 4 \(license\) is "9".*\n.*one of the numbers 1, 2, 3, 4, 5, or one of the names Proprietary, BSD, MIT, GPL, Specific in line 4/,
  )
  assert.deepEqual(readdirSync(cwd), [])
})

test('what cannot be created is refused with its fix and exit code 1, and nothing is left behind', () => {
  const cases = [
    {
      words: ['--template=defualt', 'shop'],
      expect:
        /no template "defualt".*\n.*"default".*default, empty, node, django, static, flask, python3_raw_asgi, python3_tornado/,
    },
    { words: ['taken'], expect: /taken.*is there already.*\n.*Choose another name/ },
    { words: ['a b'], expect: /"a b".*\n.*letters, digits/ },
    { words: ['plugin_x'], expect: /plugin_.*\n.*Leave the plugin_ out/ },
    { words: ['--template=django', 'hello'], expect: /"hello".*\n.*another one/ },
    { words: ['--template=node', 'node_modules'], expect: /"node_modules".*\n.*another one/ },
    { words: ['--template=nod', '__x', '--install'], expect: /no template[\s\S]*__x[\s\S]*--install works on what --make made/ },
  ]
  for (const { words, expect } of cases) {
    const cwd = emptyDirectory()
    mkdirSync(join(cwd, 'taken'))
    const { status, stderr, stdout } = bootstrap(cwd, ['create', '--no-input', ...words])
    assert.deepEqual([status, stdout], [1, ''], words.join(' '))
    assert.match(stderr, expect)
    assert.deepEqual(readdirSync(cwd), ['taken'])
  }
})

test('with --json standard output is the result alone', () => {
  const cwd = emptyDirectory()
  const { status, stdout } = bootstrap(cwd, ['create', 'shop', '--json'], ['1.2.3'])
  assert.equal(status, 0)
  const expected = { name: 'shop', home: join(cwd, 'shop'), url: 'http://localhost:18868/shop', released: [] }
  assert.deepEqual(JSON.parse(stdout), expected)
})

test('a release that fails is said, with what make said, and the plugin stays to be fixed', () => {
  const cwd = emptyDirectory()
  const { status, stderr } = bootstrap(cwd, ['create', '--no-input', '--make', 'shop'], [], { PATH: pathWithFailingMake() })
  assert.equal(status, 1)
  assert.match(stderr, /make release failed:\nno compiler today[\s\S]*run "make release" there/)
  assert.ok(existsSync(join(cwd, 'shop/config.ini')))
})

test('a person is asked again after a wrong answer', async () => {
  const input = new PassThrough()
  const output = new PassThrough().setEncoding('utf8')
  const shown: string[] = []
  output.on('data', (text: string) => shown.push(text))
  input.end('7\n2\n')
  const answers = await prompt([{ kind: 'choice', name: 'kind', choices: ['a', 'b'] }], { input, output, answers: 'person' })
  assert.deepEqual(answers, { kind: 'b' })
  assert.match(shown.join(''), /Please answer with one of the numbers 1, 2, or one of the names a, b\./)
})

test('a person who ends the input creates nothing', async () => {
  const input = new PassThrough()
  input.end('1\n')
  const question = (name: string) => ({ kind: 'text', name, fallback: '' }) as const
  const asked = prompt([question('one'), question('two')], { input, output: new PassThrough(), answers: 'person' })
  await assert.rejects(asked, (error) => error instanceof Problem && error.code === 'USAGE')
})

function bootstrap(cwd: string, words: readonly string[], answers: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const input = answers.map((line) => `${line}\n`).join('')
  return spawnSync(process.execPath, [MAIN, 'bootstrap_plugin.py', ...words], {
    cwd,
    input,
    env: { ...ENV, ...env },
    encoding: 'utf8',
  })
}

function emptyDirectory(): string {
  return mkdtempSync(join(ROOT, 'in-'))
}

function configValues(cwd: string): Readonly<Record<string, string>> {
  const lines = readFileSync(join(cwd, 'shop/config.ini'), 'utf8').split('\n')
  return Object.fromEntries(lines.filter((line) => /^[a-z]/.test(line)).map((line) => line.split(/=(.*)/, 2) as [string, string]))
}

function pathWithFailingMake(): string {
  const bin = mkdtempSync(join(ROOT, 'bin-'))
  writeFileSync(join(bin, 'make'), '#!/bin/sh\necho no compiler today >&2\nexit 2\n', { mode: 0o755 })
  return `${bin}:${process.env['PATH']}`
}
