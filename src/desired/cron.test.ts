import assert from 'node:assert/strict'
import { test } from 'node:test'
import { installed, machine, plugin, settings, WSGI } from '../../test/support/desired-fixture.ts'
import { desiredCron } from './cron.ts'
import { desire } from './desire.ts'

const CRONTAB = '# nightly\nCRON_TZ=UTC\nRATE=2\n10 3 * * * clean %now\n'

test('a job runs in the directory and the environment of its plugin, and is known by eight digits of its line', () => {
  const blog = installed('blog', WSGI, { plugin: plugin('blog', WSGI, '', CRONTAB) })
  const [job, ...others] = desiredCron({ ...blog, layers: [] }, settings, machine, () => '0123456789abcdef')
  assert.equal(others.length, 0)
  assert.ok(job)
  const { env, schedule: _, ...rest } = job
  assert.deepEqual(rest, {
    plugin: 'blog',
    id: '01234567',
    line: 4,
    zone: 'UTC',
    command: 'clean',
    shell: '/bin/sh',
    input: 'now\n',
    cwd: '/plugins/blog',
    logFile: '/rh/log/cron_blog_01234567.log',
  })
  assert.deepEqual([env['RATE'], env['MFSERV_CURRENT_PLUGIN_NAME']], ['2', 'blog'])
})

test('a stopped plugin has no cron job, and the others keep theirs', () => {
  const plugins = ['blog', 'shop'].map((name) => installed(name, WSGI, { plugin: plugin(name, WSGI, '', CRONTAB) }))
  const jobsWith = (stopped: ReadonlySet<string>): readonly string[] =>
    desire(plugins, { ...settings, stopped }, machine, (text) => text).cron.map((job) => job.plugin)
  assert.deepEqual(jobsWith(new Set()), ['blog', 'shop'])
  assert.deepEqual(jobsWith(new Set(['blog'])), ['shop'])
})
