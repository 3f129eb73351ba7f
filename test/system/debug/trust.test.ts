import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { pathsOf, runtimeHome } from '../../../src/host/home/paths.ts'
import { findInterpreter, pythonLibraries } from '../../../src/host/programs/python-framework.ts'
import { findPython2 } from '../../../src/host/programs/python2.ts'
import { python2Library } from '../../../src/host/programs/python2-framework.ts'
import { CLONE, execute } from '../world.ts'

/** Whether the page of the debugger may be opened under this Host on a machine that is called dev, dev.example.org in full. */
const HOSTS: Readonly<Record<string, boolean>> = {
  localhost: true,
  'LOCALHOST:18868': true,
  '127.0.0.1': true,
  '127.0.0.1:80': true,
  '192.0.2.7': true,
  '[::1]': true,
  '[::1]:18868': true,
  '[2001:DB8::1]': true,
  dev: true,
  'Dev:80': true,
  'dev.example.org': true,
  'blog.localhost:80': true,
  'www.blog.test': true,
  'rebind.evil.dev': false,
  'evil.dev': false,
  'evil.localhost': false,
  'evil.dev.example.org': false,
  'evildev.example.org': false,
  'blog.test': false,
  'evil.org': false,
  'localhost:80@evil.com': false,
  'localhost@evil.com': false,
  'evil.com:80@localhost': false,
  '[::1].evil.com': false,
  '[::1]evil.com': false,
  '[::1': false,
  '[localhost]': false,
  '[evil.com]': false,
  '[::1]:80:80': false,
  '::1': false,
  '127.0.0.1.evil.com': false,
  '127.0.0.1:80.evil.com': false,
  '0x7f.1': false,
  'localhost:': false,
  'localhost:port': false,
  'localhost\n': false,
  'localhost ': false,
  ' localhost': false,
  'localhost,evil.com': false,
  'localhost/': false,
  'localhost.': false,
  '': false,
}

const paths = pathsOf(runtimeHome())
const python3 = await findInterpreter()
const python2 = await findPython2('')
const TWINS = [
  {
    language: 'Python 3',
    directory: 'python',
    library: pythonLibraries(paths).replace('{tag}', python3?.tag ?? ''),
    argv0: python3?.python3,
  },
  { language: 'Python 2', directory: 'python2', library: python2Library(paths), argv0: python2?.path },
]

for (const { language, directory, library, argv0 } of TWINS) {
  describe(`the debugger of ${language}`, { skip: argv0 === undefined ? `no ${language} on this machine` : false }, () => {
    const script = join(import.meta.dirname, 'trust.py')
    const asked = execute(argv0 ?? '', [script, join(CLONE, directory), library, JSON.stringify(Object.keys(HOSTS))], {
      env: { PYTHONDONTWRITEBYTECODE: '1' },
    })
    const told = async (): Promise<Readonly<Record<string, unknown>>> => {
      const { code, stdout, stderr } = await asked
      assert.equal(code, 0, stdout + stderr)
      return JSON.parse(stdout) as Readonly<Record<string, unknown>>
    }

    test('is shown under exact names of this machine and its addresses alone', async () => {
      assert.deepEqual((await told())['hosts'], HOSTS)
    })

    test('lets in who has entered the PIN, in the next worker too', async () => {
      const answers = await told()
      assert.deepEqual(answers['entered'], { auth: true, exhausted: false })
      assert.deepEqual([answers['evaluates'], answers['the next worker evaluates']], [true, true])
    })

    test('trusts no cookie that can be made by guessing PINs, and counts every wrong one like a wrong PIN', async () => {
      const answers = await told()
      assert.deepEqual(answers['trusts a cookie that was made of a guessed PIN'], [false, false])
      assert.deepEqual(answers['evaluates after a wrong cookie'], Array<boolean>(12).fill(false))
      assert.deepEqual(answers['entered after many wrong cookies'], { auth: false, exhausted: true })
      assert.equal(answers['evaluates after all'], true)
    })

    test('takes no cookie from who knows the PIN and not the secret of mfserv', async () => {
      const answers = await told()
      assert.deepEqual([answers['trusts a cookie of another key'], answers['the name is that of another key']], [false, false])
    })

    test('takes no PIN after ten wrong ones', async () => {
      assert.deepEqual((await told())['entered after ten wrong PINs'], { auth: false, exhausted: true })
    })
  })
}
