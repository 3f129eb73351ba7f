import assert from 'node:assert/strict'
import { appendFileSync, chmodSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { mustMake } from '../make-plugin.ts'
import { bootstrap, eventually, newWorld, setKey, type World, writeFile } from '../world.ts'

/** Logs a line and an exception, and says whether packages that only mfserv has can be imported. */
const PROGRAM = `import time
from mflog import get_logger

logger = get_logger("bakery")
logger.info("the oven is hot", degrees=240)
try:
    raise LookupError("no flour left")
except LookupError:
    logger.exception("no bread")
try:
    import gunicorn
    print("gunicorn is there")
except ImportError:
    print("nothing else is there")
`
const LINE = /^\d{4}-\S+Z +\[INFO\] \(bakery#\d+\) the oven is hot \{degrees=240\}$/m

describe('mflog, which the plugin names in no requirement', () => {
  let world: World
  let home: string
  const wrapped = async (name: string, code: string): Promise<string> =>
    (await world.must('plugin_wrapper', [name, '--', 'python3', '-c', code])).stdout

  before(async () => {
    world = await newWorld()
    await world.start()
    home = await bootstrap(world, 'bakery', 'empty')
    writeFile(join(home, 'python3_virtualenv_sources/requirements-to-freeze.txt'), 'markupsafe\n')
    writeFile(join(home, 'bin/oven'), `#!/usr/bin/env python3\n${PROGRAM}time.sleep(3600)\n`)
    chmodSync(join(home, 'bin/oven'), 0o755)
    writeFile(join(home, 'say.py'), PROGRAM)
    appendFileSync(join(home, 'config.ini'), '\n[extra_daemon_oven]\ncmd_and_args=oven\nnumprocesses=1\n')
    writeFile(join(home, 'crontab'), '@yearly python3 say.py\n')
    writeFile(join(home, 'postinstall'), `#!/usr/bin/env python3\n${PROGRAM}`)
    chmodSync(join(home, 'postinstall'), 0o755)
  })
  after(() => world.end())

  test('logs in postinstall, a daemon, a cron job and plugin_wrapper, as in a worker; nothing else is lent', async () => {
    await mustMake(world, home)
    const log = join(world.home, 'log/extra_bakery_oven.log')
    await eventually('the daemon has logged', () => (readFileSync(log, 'utf8').includes('no flour left') ? true : undefined))
    assert.match(readFileSync(log, 'utf8'), LINE)
    const { stdout } = await world.must('mfserv', ['cron', 'run', 'bakery', '1'])
    const { stdout: fromWrapper } = await world.must('plugin_wrapper', [
      '--cwd',
      'bakery',
      '--',
      'sh',
      '-c',
      'python3 say.py 2>&1',
    ])
    for (const said of [readFileSync(log, 'utf8'), stdout, fromWrapper]) {
      assert.match(said, LINE)
      assert.match(said, /\[ERROR\] \(bakery#\d+\) no bread.*\n[\s\S]*LookupError: no flour left/)
      assert.match(said, /^nothing else is there$/m)
    }
  })

  test('follows [log] of the module and debug=1', async () => {
    const code = 'from mflog import get_logger; get_logger("x").debug("a detail")'
    assert.equal(await wrapped('bakery', code), '')
    setKey(home, 'cmd_and_args', 'oven --again\ndebug=1')
    writeFile(join(home, 'bin/oven'), `#!/usr/bin/env python3\n${code}\nimport time; time.sleep(3600)\n`)
    const log = join(world.home, 'log/extra_bakery_oven.log')
    await eventually('the detail', () => (/\[DEBUG\].*a detail/.test(readFileSync(log, 'utf8')) ? true : undefined))
  })

  test('is that of the plugin as soon as the plugin has one, in its virtualenv or beside its code', async () => {
    const [python = ''] = readdirSync(join(home, 'local/lib')).filter((name) => name.startsWith('python3.'))
    const packages = join(home, 'local/lib', python, 'site-packages')
    const code = 'import mflog, structlog; print(mflog.WHOSE, hasattr(structlog, "OWN"))'
    writeFile(join(packages, 'mflog/__init__.py'), 'WHOSE = "its environment"\nadd_extra_context = add_level = None\n')
    assert.equal(await wrapped('bakery', code), 'its environment False\n')
    writeFile(join(packages, 'structlog.py'), 'OWN = 1\n')
    assert.equal(await wrapped('bakery', code), 'its environment True\n')
    writeFile(join(home, 'mflog.py'), 'WHOSE = "its code"\n')
    assert.equal(await wrapped('bakery', code), 'its code True\n')
  })
})
