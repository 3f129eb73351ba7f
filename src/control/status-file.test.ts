import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linkTo } from './status-file.ts'

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
