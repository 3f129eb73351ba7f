import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AppCase, routesOf } from '../../test/support/routes-fixture.ts'
import { formatProblem } from '../problem.ts'
import { findProblems } from './check.ts'

/** What is wrong with one app, or with its plugin. */
function problemsOf(app: Partial<AppCase>, plugin: { readonly httpFragment?: string; readonly httpFile?: string } = {}) {
  const routes = routesOf({ plugins: [{ plugin: 'blog', apps: [{ app: 'main', ...app }] }] }, '/HOME')
  return findProblems({ ...routes, plugins: routes.plugins.map((one) => ({ ...one, ...plugin })) }).map(({ problem }) => problem)
}

test('a route is a path as nginx has it, after "//", "." and ".." are resolved', () => {
  for (const path of ['/', '/a', '/a/b', '/...', '/a.b', '/é']) assert.deepEqual(problemsOf({ prefixes: [path] }), [], path)
  for (const path of ['', 'a', 'a/b', '//', '/a/', '/a//b', '/.', '/..', '/a/.', '/a/../b', 'http://a']) {
    assert.deepEqual(
      problemsOf({ prefixes: [path] }).map(({ message }) => message),
      [`app "main" claims the route "${path}", which no URL can match`],
    )
  }
})

test('a virtual host is a name, all names below one or all endings of one, and never a regular expression', () => {
  for (const host of ['a', 'a.b', '*.b', '.b', 'a.*', 'a_b.c-d', '10.0.0.1'])
    assert.deepEqual(problemsOf({ hosts: [host] }), [], host)
  for (const host of ['', '*', '~a', 'a..b', 'a.*.b', 'a*', 'a b', 'a;b', 'a/b', '*a']) {
    assert.deepEqual(
      problemsOf({ hosts: [host] }).map(({ message }) => message),
      [`app "main" has the virtual host "${host}"`],
    )
  }
})

test('a mistake in a fragment is told with its line: of the file where that is known', () => {
  const fragment = 'a;\n}\n'
  const told = (app: Partial<AppCase>, plugin = {}) => problemsOf(app, plugin).map(formatProblem)
  assert.deepEqual(told({ appFragment: fragment, appFile: '/blog/main/app.conf' }), [
    '/blog/main/app.conf:2  nginx fragment of app "main": "}" closes nothing  (NGINX_UNSAFE_VALUE)\n  Fix that line of the fragment.',
  ])
  assert.deepEqual(told({ appFragment: fragment }), [
    'nginx fragment of app "main", line 2: "}" closes nothing  (NGINX_UNSAFE_VALUE)\n  Fix that line of the fragment.',
  ])
  assert.deepEqual(told({}, { httpFragment: fragment, httpFile: '/blog/http.conf' }), [
    '/blog/http.conf:2  nginx fragment of the http block: "}" closes nothing  (NGINX_UNSAFE_VALUE)\n  Fix that line of the fragment.',
  ])
})
