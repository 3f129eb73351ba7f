/**
 * What people read: each case of test/golden is files, a command, and what it prints, as text and as JSON. `make golden`
 * writes what is printed now into the cases; read the difference before you commit it.
 */
import assert from 'node:assert/strict'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'
import { PROBLEMS } from '../src/problem.ts'
import { parseCase, textOfCase } from './support/golden-case.ts'
import { shownBy } from './support/golden-run.ts'

const DIRECTORY = join(import.meta.dirname, 'golden')
const files = globSync('**/*.case', { cwd: DIRECTORY }).sort()
const texts = new Map(files.map((file) => [file, readFileSync(join(DIRECTORY, file), 'utf8')]))

for (const [file, text] of texts) {
  test(`golden/${file}: ${text.slice(2, text.indexOf('\n'))}`, async () => {
    const golden = parseCase(text)
    const shown = textOfCase(golden, await shownBy(golden))
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(join(DIRECTORY, file), shown)
    else assert.equal(text, shown, `${file} shows something else now: run make golden, and read the difference`)
  })
}

test('every problem that a person can meet is shown in a case, or in the test of the machine that it takes', () => {
  // A report that is rendered says what its author wrote, not what mfserv would say.
  const all = [...texts.values()].filter((text) => !text.includes('\n$ render status')).join('\n')
  const unseen = Object.keys(PROBLEMS).filter((code) => !all.includes(`(${code})`) && !Object.hasOwn(SHOWN_BY, code))
  assert.deepEqual(unseen, [])
  for (const [code, file] of Object.entries(SHOWN_BY)) {
    assert.ok(readFileSync(join(import.meta.dirname, '..', file), 'utf8').includes(code), `${file} shows ${code}`)
    assert.ok(!all.includes(`(${code})`), `a case shows ${code}: leave it out of this list`)
  }
})

/** Problems that need more than files and a command: another process, a build, bytes that are no text. */
const SHOWN_BY: Readonly<Record<string, string>> = {
  TOO_LARGE: 'src/host/plugins/read-plugin.test.ts',
  NOT_UTF8: 'src/host/plugins/read-plugin.test.ts',
  OVERRIDE_KEPT: 'src/host/plugins/override-template.test.ts',
  PLUGIN_STOPPED: 'test/system/plugins/state.test.ts',
  DISK_QUOTA: 'src/daemon/quota/disk-quotas.test.ts',
  LAYER_MISSING: 'src/desired/layers.test.ts',
  LAYER_CYCLE: 'src/desired/layers.test.ts',
  CRON_JOB_NOT_FOUND: 'test/system/cron/cron.test.ts',
  SOCKET_PATH_TOO_LONG: 'test/system/commands/machine-errors.test.ts',
  NGINX_REFUSED: 'src/plan/preview.test.ts',
  NGINX_MISSING: 'test/system/nginx/front.test.ts',
  NGINX_DOWN: 'src/control/reachable.test.ts',
  ACME_FAILED: 'test/system/tls/acme.test.ts',
  CERTIFICATE: 'test/system/tls/certificates.test.ts',
  CERTIFICATE_NAME: 'src/config/tls/certificates.test.ts',
  CERTIFICATE_ENDS: 'src/config/tls/pair.test.ts',
  ADDRESS_UNKNOWN: 'test/system/nginx/listen.test.ts',
  PORT_RIGHT: 'src/nginx/listen/listen.test.ts',
  PORT_IN_USE: 'test/system/commands/machine-errors.test.ts',
  WORKER_FAILED: 'test/system/configuration/plugin-mistakes.test.ts',
  RELEASE_FAILED: 'test/system/releases/caution.test.ts',
  BUILD_FAILED: 'test/system/build/node.test.ts',
  NODE_VERSION: 'test/system/node/dependencies.test.ts',
  NODE_LOCK: 'test/system/node/dependencies.test.ts',
  POSTINSTALL_FAILED: 'test/system/build/postinstall.test.ts',
  RELEASE_UNSAFE: 'src/package/entry.test.ts',
  RELEASE_NEEDS: 'src/package/needs.test.ts',
  RELEASE_SIGNATURE: 'test/system/releases/trust.test.ts',
  RELEASE_INCOMPLETE: 'test/system/release-file/release-file.test.ts',
  SANDBOX_MISSING: 'src/desired/sandbox/sandbox.test.ts',
  SANDBOX_REQUIRED: 'src/desired/sandbox/sandbox.test.ts',
  TOOL_MISSING: 'test/system/build/python.test.ts',
  SERVICE: 'src/operations/service/install.test.ts',
  DAEMON_RUNS: 'src/daemon/daemon.test.ts',
  BUSY: 'src/host/plugins/plugin-lock.test.ts',
  ENVIRONMENT: 'test/system/commands/machine-errors.test.ts',
  FAULT: 'src/daemon/publisher.test.ts',
}
