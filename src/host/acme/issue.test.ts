import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { buildConfig } from '../../config/config.ts'
import { pathsOf } from '../home/paths.ts'
import { selfSigned } from '../tls/self-signed.ts'
import { issue } from './issue.ts'

const VARIABLES = { MFHARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2: '8' }
const home = mkdtempSync(join(tmpdir(), 'mfissue'))
after(() => rmSync(home, { recursive: true, force: true }))

test('an authority that has had too many requests is not asked again at once, whatever it says of the next time', async () => {
  const { certificate, key } = await selfSigned(['127.0.0.1'], 1, Date.now())
  const asked: string[] = []
  const server = createServer({ cert: certificate, key }, (request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    const at = `https://${request.headers.host}`
    response.setHeader('Replay-Nonce', `nonce${asked.length}`)
    if (path !== '/account') return response.end(JSON.stringify({ newNonce: `${at}/nonce`, newAccount: `${at}/account` }))
    response.writeHead(429, { 'Content-Type': 'application/problem+json', 'Retry-After': '3600' })
    return response.end('{"type":"urn:ietf:params:acme:error:rateLimited","detail":"too many of them"}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  after(() => server.close())
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const ca = join(home, 'ca.pem')
  writeFileSync(ca, certificate)
  const settings = {
    ...buildConfig([], VARIABLES, '').config.settings.acme,
    ca,
    names: ['a.org'],
    directory: `https://127.0.0.1:${address.port}/directory`,
  }
  await assert.rejects(issue(pathsOf(home), settings), /too many of them/)
  assert.deepEqual(
    asked.filter((path) => path === '/account'),
    ['/account'],
  )
})
