import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { PluginReport } from '../../control/protocol.ts'
import { serveDevelopers } from './serve-developers.ts'

function plugin(name: string, state: PluginReport['state']): PluginReport {
  return {
    name,
    version: '',
    release: '',
    summary: '',
    home: '/',
    url: '',
    state,
    apps: [],
    daemons: [],
    leaving: 0,
    problems: [],
  }
}

test('only a plugin that is served from its sources, and is in trouble, is shown; everything else is what visitors see', async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'mfdev'))
  const path = join(directory, 'developer.sock')
  const plugins = [plugin('own', 'refused'), plugin('well', 'serving'), plugin('released', 'failing'), plugin('slow', 'starting')]
  const served = await serveDevelopers(path, {
    plugins: () => plugins,
    isDeveloped: (name) => name !== 'released',
    starting: (name) => (name === 'slow' ? [{ app: 'main', forMs: 4000, withinMs: 60_000, output: 'x' }] : []),
  })
  context.after(() => {
    served.close()
    rmSync(directory, { recursive: true })
  })
  const seen = async (name: string, uri = '/x'): Promise<readonly unknown[]> => {
    const { statusCode, headers } = await ask(path, { 'X-Mfserv-Plugin': name, 'X-Mfserv-Uri': uri })
    return [statusCode, headers['x-accel-redirect'], headers['x-mfserv-developer'] !== undefined]
  }
  assert.deepEqual(await seen('own'), [503, undefined, true])
  assert.deepEqual(await seen('slow'), [503, undefined, true])
  assert.deepEqual(await seen('#unknown#', '/own'), [503, undefined, true])
  assert.deepEqual(await seen('#unknown#', '/own/x?y'), [503, undefined, true])
  for (const name of ['well', 'released', 'gone']) {
    assert.deepEqual(await seen(name), [503, '@mfserv_face', false])
    assert.deepEqual(await seen('#unknown#', `/${name}/own`), [503, '@mfserv_unclaimed', false])
  }
  assert.deepEqual(await seen('#unknown#', '/'), [503, '@mfserv_unclaimed', false])
})

function ask(socketPath: string, headers: Readonly<Record<string, string>>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, headers, agent: false }, (response) => {
      response.resume()
      response.on('end', () => resolve(response))
    })
    asked.on('error', reject)
    asked.end()
  })
}
