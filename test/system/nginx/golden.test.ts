import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { MFSERV_HOME } from '../../../src/host/home/paths.ts'
import { findNginx, placeArguments, runNginx } from '../../../src/host/nginx/program.ts'
import { render } from '../../../src/nginx/render.ts'
import { parseCase, type RoutesCase } from '../../support/routes-fixture.ts'
import { openPlace, type Place } from './place.ts'

const golden = join(MFSERV_HOME, 'src/nginx/golden')

for (const name of readdirSync(golden).filter((file) => !file.startsWith('problems'))) {
  test(`nginx accepts the golden case ${name}, without a warning`, async () => {
    await using place = await openPlace()
    const { routes } = parseCase(readFileSync(join(golden, name), 'utf8').replaceAll('/HOME', place.paths.runtimeHome))
    if (routes.server?.httpsPort !== undefined) makeCertificate(place)
    assert.equal(await complaints(place, routes), '')
  })
}

test('nginx accepts 600 apps of four slots each, with 1,200 virtual hosts', async () => {
  await using place = await openPlace()
  const run = `${place.paths.runtimeHome}/${'long-name-'.repeat(4)}`
  const plugins = Array.from({ length: 600 }, (_, number) => {
    const plugin = `plugin-${number}`
    const hosts = [`main.${plugin}.${'department-'.repeat(8)}.example.org`, `${plugin}.localhost`]
    const sockets = [1, 2, 3, 4].map((slot) => `${run}/${plugin}.main.${slot}`)
    return {
      plugin,
      apps: [{ app: 'main', prefixes: [`/${plugin}/main`, `/${plugin}`], hosts, sockets, holdSocket: `${run}/${plugin}.hold` }],
    }
  })
  assert.equal(await complaints(place, { plugins }), '')
})

test('nginx accepts one app with 1,200 slots', async () => {
  await using place = await openPlace()
  const sockets = Array.from({ length: 1200 }, (_, slot) => `/${'x'.repeat(96)}.${slot}`)
  assert.equal(await complaints(place, { plugins: [{ plugin: 'big', apps: [{ app: 'main', sockets }] }] }), '')
})

/** What `nginx -t` says, warnings included. */
async function complaints(place: Place, input: RoutesCase): Promise<string> {
  const program = findNginx(place.paths)
  const rendered = render(place.routes(input), program.machine)
  assert.ok('text' in rendered)
  const file = place.write('test.conf', rendered.text)
  const { code, output } = await runNginx(program, ['-t', '-q', ...placeArguments(file, 'stderr')], 60_000)
  return output || (code === 0 ? '' : `ended with ${code}`)
}

function makeCertificate({ paths }: Place): void {
  const [key, certificate] = ['key.pem', 'cert.pem'].map((file) => join(paths.runtimeHome, file))
  const subject = ['-subj', '/CN=localhost', '-days', '2', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  execFileSync('openssl', ['req', '-x509', ...subject, '-keyout', `${key}`, '-out', `${certificate}`], {
    cwd: dirname(`${key}`),
    stdio: 'ignore',
  })
}
