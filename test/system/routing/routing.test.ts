import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { routesOf } from '../../../src/desired/routes.ts'
import { lookAtAll } from '../../../src/host/plugins/installed.ts'
import { openPlace } from '../nginx/place.ts'
import { IS_SOAK } from '../world.ts'
import { type AppWords, type Asked, type PluginWords, plugins, requests } from './generated.ts'
import { HEALTH, HOSTNAMES, type Owner, whoAnswers } from './model.ts'

const CONFIGURATIONS = IS_SOAK ? 50 : 2
const REQUESTS = 200

const place = await openPlace()
after(() => place[Symbol.asyncDispose]())

test(`whoever should answer does, for ${REQUESTS} requests each to ${CONFIGURATIONS} sets of plugins`, {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(plugins, requests(REQUESTS), async (all, asked) => {
      await install(all)
      const expected = whoAnswers(all)
      await using client = new Client()
      for (const one of asked) {
        assert.equal(await client.answerer(one), expected(one.host, one.url), JSON.stringify(one))
      }
    }),
    // What fails is told with its seed; to make it smaller would take a reload of nginx for each try.
    { numRuns: CONFIGURATIONS, endOnFailure: true },
  )
})

/** Laid into the directory of plugins in the order in which they come, and read as the daemon reads them. */
async function install(all: readonly PluginWords[]): Promise<void> {
  rmSync(place.paths.plugins, { recursive: true, force: true })
  for (const plugin of all) {
    for (const [file, text] of Object.entries(filesOf(plugin))) {
      const path = join(place.paths.plugins, plugin.name, file)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
    }
  }
  const installed = lookAtAll(place.paths, {}, {})
  assert.equal(installed.length, all.length)
  const [hostname, hostnameFull] = HOSTNAMES
  const { routes } = routesOf(installed, {
    run: place.paths.run,
    hostnames: [hostname, hostnameFull],
    timeoutSeconds: 60,
    reserved: [HEALTH],
  })
  await place.publish({ plugins: routes })
}

const GENERAL = '[general]\nversion=1\nsummary=s\nlicense=l\nurl=u\nmaintainer=m\nvendor=v\n'

/** Each location of an app answers with the name of the app alone, so that no worker and no file is needed. */
function filesOf({ name, apps }: PluginWords): Readonly<Record<string, string>> {
  const ofApps = apps.flatMap((app) => {
    const owner = `${name}/${app.name}`
    return [
      [`${app.name}.conf`, `return 200 "${owner}";\n`],
      [`${app.name}.static.conf`, `return 200 "${owner} static";\n`],
      [`${app.name}/file`, ''],
      ...(app.hasStaticDirectory ? [[`${app.name}/shown/file`, '']] : []),
    ] as const
  })
  return {
    '.layerapi2_label': `plugin_${name}@mfserv\n`,
    'config.ini': `${GENERAL}${apps.map(sectionOf).join('')}`,
    ...Object.fromEntries(ofApps),
  }
}

function sectionOf(app: AppWords): string {
  const lines = [
    `[app_${app.name}]`,
    ...(app.type === 'static' ? ['type=static'] : ['type=command', 'main_arg=x {port}', `workers=${app.workers}`]),
    `mount=${Number(app.mount)}`,
    `prefix_based_routing=${Number(app.prefixRouting)}`,
    `prefix_based_routing_extra_routes=${app.extraRoutes.join(';')}`,
    `virtualdomain_based_routing=${Number(app.hostRouting)}`,
    `virtualdomain_based_routing_extra_vhosts=${app.extraHosts.join(',')}`,
    `static_routing=${Number(app.staticRouting)}`,
    `static_url_prefix=${app.staticPrefix}`,
    'static_directory=/shown',
    `allowed_networks=${app.isClosed ? '10.255.255.1' : ''}`,
    ...app.rules,
    `extra_nginx_conf_filename=${app.name}.conf`,
    `extra_nginx_conf_static_filename=${app.name}.static.conf`,
  ]
  return `${lines.join('\n')}\n`
}

/** Of one set of plugins: no connection of it is one to the nginx of the set before. */
class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  answerer({ host, url }: Asked): Promise<Owner> {
    return new Promise((resolve, reject) => {
      const where = { host: '127.0.0.1', port: place.port, path: url, headers: { Host: host }, agent: this.#agent }
      const request = get(where, (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (part: string) => {
          body += part
        })
        response.on('error', reject)
        response.on('end', () => {
          const told = /^[\w-]+\/[\w-]+( static)?$/.test(body) ? body : 'mfserv'
          resolve(response.statusCode === 403 ? 'closed' : told)
        })
      })
      request.on('error', reject)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy()
  }
}
