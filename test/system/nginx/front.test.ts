import assert from 'node:assert/strict'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { pathsOf } from '../../../src/host/home/paths.ts'
import { nginxFront, proveRoutes } from '../../../src/host/nginx/nginx-front.ts'
import { activeWorkers } from '../../../src/host/nginx/processes.ts'
import { findNginx } from '../../../src/host/nginx/program.ts'
import { processId } from '../../../src/host/process/proc.ts'
import { formatProblem, Problem } from '../../../src/problem.ts'
import type { ProcessId } from '../../../src/worker/state.ts'
import { ask, openPlace, type Place } from './place.ts'
import { page, quarantined, running, withFile } from './publication.ts'

test('routes are served as soon as they are published, and published again without a reload when nothing changed', async () => {
  await using place = await openPlace()
  assert.deepEqual(await place.publish({ plugins: [withFile(place, 'a')] }), running('started'))
  const pid = place.front.pid()
  assert.equal((await ask(place.port, '/a/')).body, 'I am a')
  assert.equal((await ask(place.port, '/b/')).status, 404)
  assert.deepEqual(await place.publish({ plugins: [withFile(place, 'a'), withFile(place, 'b')] }), running('reloaded'))
  assert.equal((await ask(place.port, '/b/')).body, 'I am b')
  const workers = workerPids(place)
  assert.deepEqual(await place.publish({ plugins: [withFile(place, 'a'), withFile(place, 'b')] }), running('nothing'))
  assert.deepEqual(workerPids(place), workers)
  assert.equal(place.front.pid(), pid)
})

test('a configuration that nginx had not yet taken when mfserv was killed is taken at the next start', async () => {
  await using place = await openPlace()
  await place.publish({ plugins: [withFile(place, 'a')] })
  place.write('tmp/config_auto/nginx.conf.pending', '')
  assert.deepEqual(await place.publish({ plugins: [withFile(place, 'a')] }), running('reloaded'))
  assert.deepEqual(await place.publish({ plugins: [withFile(place, 'a')] }), running('nothing'))
})

test('a plugin that nginx refuses is named with the message of nginx, and the others are served', async () => {
  await using place = await openPlace()
  const bad = page('bad', { appFragment: 'no_such_directive on;\n' })
  const outcome = await place.front.publish(place.routes({ plugins: [withFile(place, 'a'), bad, withFile(place, 'c')] }))
  assert.deepEqual(quarantined(outcome), {
    bad: 'nginx refuses plugin bad: unknown directive "no_such_directive", at: no_such_directive on;',
  })
  assert.deepEqual([(await ask(place.port, '/a/')).body, (await ask(place.port, '/c/')).body], ['I am a', 'I am c'])
  assert.equal((await ask(place.port, '/bad/')).status, 404)
})

test('a proof makes nothing and changes nothing, whatever a fragment names, and neither does a plugin that is refused', async (t) => {
  await using place = await openPlace()
  const outside = mkdtempSync(join(tmpdir(), 'mf'))
  t.after(() => rmSync(outside, { recursive: true }))
  const at = (name: string): string => join(outside, name)
  mkdirSync(at('theirs'), { mode: 0o750 })
  if (process.getuid?.() === 0) chownSync(at('theirs'), 65_534, 65_534)
  writeFileSync(at('read-in.conf'), `access_log ${at('read-in.log')};\nproxy_temp_path ${at('theirs')};\n`)
  const fragment = (more = ''): string => `proxy_cache_path ${at('cache')} keys_zone=z:1m;
server {
  listen unix:${at('a.sock')};
  access_log ${at('access.log')};
  error_log "${at('error.log')}" warn;
  client_body_temp_path ${at('theirs')};
  fastcgi_temp_path ${at('made')} 1 2;
  include ${at('read-in')}.con*;
  ${more}
}
`
  const found = (): readonly unknown[] =>
    readdirSync(outside, { recursive: true })
      .sort()
      .map((name) => [name, lstatSync(at(String(name)))] as const)
      .map(([name, { mode, uid, gid, mtimeMs, size }]) => [name, mode, uid, gid, mtimeMs, size])
  const before = found()
  const writes = (more?: string) => ({ ...page('writes'), httpFragment: fragment(more) })
  const routes = (more?: string) => place.routes({ plugins: [withFile(place, 'a'), writes(more)] })
  assert.deepEqual([...(await proveRoutes(place.paths, routes()))], [])
  assert.deepEqual(found(), before)
  const wrong = await place.front.publish(routes('no_such_directive on;'))
  assert.match(quarantined(wrong)['writes'] ?? '', /unknown directive "no_such_directive", at: no_such_directive on;/)
  assert.deepEqual(found(), before)
  const nowhere = (await proveRoutes(place.paths, routes(`access_log ${at('none/x.log')};`))).get('writes')
  assert.match(nowhere?.message ?? '', new RegExp(`it cannot make ${at('none/x.log')}: ENOENT`))
  assert.deepEqual(found(), before)
  await place.publish({ plugins: [withFile(place, 'a'), writes()] })
  assert.ok(existsSync(at('access.log')) && existsSync(at('read-in.log')), 'what is accepted is made')
})

test('a mistake in a fragment that nginx accepted before leaves the last good one in force, also for the next mfserv', async () => {
  await using place = await openPlace()
  const directory = dirname(place.write('shop.d/index.html', 'I am shop'))
  const shop = (appFragment: string) => ({ plugins: [page('shop', { directory, appFile: '/shop/f.conf', appFragment })] })
  await place.publish(shop('add_header X-Shop good;\n'))
  for (const front of [place.front, nginxFront(place.paths)]) {
    const outcome = await front.publish(place.routes(shop('# mine\nadd_heder X-Shop bad;\n')))
    assert.deepEqual(quarantined(outcome), {})
    const [problem] = outcome.is === 'running' ? outcome.withKeptFragments.values() : []
    assert.match(
      problem === undefined ? '' : formatProblem(problem),
      /^\/shop\/f\.conf:2 {2}nginx refuses plugin shop: unknown directive "add_heder"/,
    )
    const answer = await ask(place.port, '/shop/')
    assert.deepEqual([answer.status, answer.headers['x-shop']], [200, 'good'])
  }
  await place.publish(shop('add_header X-Shop better;\n'))
  assert.equal((await ask(place.port, '/shop/')).headers['x-shop'], 'better')
  await place.publish({ plugins: [withFile(place, 'a')] })
  const back = await place.front.publish(place.routes(shop('add_heder X-Shop bad;\n')))
  assert.deepEqual(Object.keys(quarantined(back)), ['shop'])
})

test('two plugins that cannot stand together, and one whose included file is wrong, do not take the others along', async () => {
  await using place = await openPlace()
  const included = place.write('included.conf', 'wrong;\n')
  const plugins = [
    { ...page('a'), httpFragment: 'upstream same { server unix:/a; }' },
    { ...page('b'), httpFragment: 'upstream same { server unix:/b; }' },
    { ...page('c'), serverFragment: `include ${included};` },
    withFile(place, 'd'),
  ]
  const outcome = await place.front.publish(place.routes({ plugins }))
  assert.deepEqual(Object.keys(quarantined(outcome)), ['b', 'c'])
  assert.equal((await ask(place.port, '/d/')).body, 'I am d')
})

test('settings that nginx refuses change nothing: what was served before still is', async () => {
  await using place = await openPlace()
  await place.publish({ plugins: [withFile(place, 'a')] })
  const before = readFileSync(place.paths.nginxConf, 'utf8')
  const outcome = await place.front.publish(place.routes({ server: { uuidExtraAllows: ['nonsense'] } }))
  assert.equal(outcome.is, 'failed')
  assert.match(
    outcome.is === 'failed' ? outcome.problem.message : '',
    /^nginx refuses the configuration of the module: .*nonsense/,
  )
  assert.match(outcome.is === 'failed' ? outcome.problem.fix : '', /\nWhat was served before still is\.$/)
  assert.equal((await ask(place.port, '/a/')).body, 'I am a')
  assert.equal(readFileSync(place.paths.nginxConf, 'utf8'), before)
  assert.deepEqual(readdirSync(`${place.paths.tmp}/config_auto`), ['nginx.conf'])
})

test('a disk that is full leaves the configuration before in its place', async () => {
  await using place = await openPlace()
  await place.publish({ plugins: [withFile(place, 'a')] })
  const before = readFileSync(place.paths.nginxConf, 'utf8')
  symlinkSync('/dev/full', `${place.paths.nginxConf}.candidate`)
  const outcome = await place.front.publish(place.routes({}))
  assert.equal(outcome.is === 'failed' && outcome.problem.code, 'DISK')
  assert.equal(readFileSync(place.paths.nginxConf, 'utf8'), before)
  assert.equal((await ask(place.port, '/a/')).body, 'I am a')
})

test('an nginx that is nowhere to be found is told with the fix', () => {
  const paths = pathsOf('/nowhere')
  assert.throws(
    () => findNginx(paths, ['/nowhere/bin']),
    (error) => {
      assert.ok(error instanceof Problem)
      assert.equal(error.code, 'NGINX_MISSING')
      assert.equal(
        error.message,
        'no nginx of version 1.19.10 or newer: looked for it in /nowhere/bin, /nowhere/opt/nginx/usr/sbin',
      )
      assert.match(error.fix, /apt-get install/)
      return true
    },
  )
})

test('an nginx that is too old is passed over for a newer one', async () => {
  await using place = await openPlace()
  const old = place.write('old/nginx', '#!/bin/sh\necho "nginx version: nginx/1.19.9" >&2\n')
  chmodSync(old, 0o755)
  assert.throws(
    () => findNginx(place.paths, [dirname(old)]),
    /no nginx of version 1\.19\.10 or newer: .*old\/nginx is version 1\.19\.9/,
  )
  assert.equal(findNginx(place.paths, [dirname(old), '/usr/sbin']).path, '/usr/sbin/nginx')
})

function workerPids(place: Place): readonly number[] {
  const master = processId(place.front.pid() ?? 0)
  return master === undefined ? [] : activeWorkers(master).map(({ pid }: ProcessId) => pid)
}
