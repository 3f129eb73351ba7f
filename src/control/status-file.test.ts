import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PluginReport } from './protocol.ts'
import { linkTo, welcomeData } from './status-file.ts'

const app = (name: string, url: string, isServed = true) => ({ name, url, isServed })

test('the welcome page links to where a plugin is served, and to nothing where it is not', () => {
  const at = 'http://localhost:80'
  assert.equal(linkTo([app('api', `${at}/blog/api`), app('main', `${at}/blog/`)]), '/blog/')
  assert.equal(linkTo([app('api', `${at}/blog/api`), app('main', '')]), '/blog/api')
  assert.equal(linkTo([app('main', 'http://blog.localhost:80/')]), 'http://blog.localhost:80/')
  assert.equal(linkTo([app('main', '')]), null)
  assert.equal(linkTo([app('main', `${at}/blog`, false)]), null)
  assert.equal(linkTo([app('main', '/blog')]), null, 'nginx listens on no port')
  assert.equal(linkTo([]), null)
})

test('the welcome page links only what serves, and says of the others the first thing to fix, with its place in the plugin', () => {
  const blog: PluginReport = {
    ...{ name: 'blog', version: '1', release: '1', summary: 'A blog', home: '/home/me/blog', url: '', leaving: 0 },
    ...{ daemons: [], problems: [], state: 'serving' },
    apps: [{ ...app('main', 'http://localhost:80/blog'), type: 'static', held: 0, socket: undefined, slots: [], file: '' }],
  }
  const problem = (code: string, file: string | undefined) => ({ code, message: 'it is wrong', fix: 'Fix it.', file, line: 3 })
  const told = (plugin: Partial<PluginReport>): Readonly<Record<string, unknown>> =>
    JSON.parse(welcomeData([{ ...blog, ...plugin }]))[0]
  const serving = { name: 'blog', url: '/blog', state: 'serving', version: '1', summary: 'A blog', problem: null }
  assert.deepEqual(told({}), serving)
  assert.deepEqual(told({ problems: [problem('ERROR_PAGE', '/home/me/blog/config.ini')] }), serving)
  const problems = [problem('ERROR_PAGE', undefined), problem('INI_BAD_VALUE', '/home/me/blog/config.ini')]
  assert.deepEqual(told({ state: 'refused', problems }), {
    ...{ ...serving, url: null, state: 'refused' },
    problem: { place: 'config.ini:3', message: 'it is wrong', fix: 'Fix it.' },
  })
  const outside = told({ state: 'refused', problems: [problem('INI_BAD_VALUE', '/home/me/private/override.ini')] })
  assert.deepEqual(outside['problem'], { place: 'override.ini:3', message: 'it is wrong', fix: 'Fix it.' })
  assert.deepEqual(told({ aside: [{ is: 'stopped' }] }), { ...serving, url: null, state: 'stopped' })
})
