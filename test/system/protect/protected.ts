import { connect } from 'node:net'
import { join } from 'node:path'
import { routesOf } from '../../../src/desired/routes.ts'
import { asInstalled } from '../../../src/host/plugins/installed.ts'
import { readPlugin } from '../../../src/host/plugins/read-plugin.ts'
import { Problems } from '../../../src/problem.ts'
import type { RoutesCase } from '../../support/routes-fixture.ts'
import { openPlace, type Place } from '../nginx/place.ts'

export const GENERAL = '[general]\nversion=1\nsummary=s\nlicense=l\nurl=u\nmaintainer=m\nvendor=v\n'

/** The files of a plugin; `config.ini` without its [general]. */
export type Files = Readonly<Record<string, string>>

/** A real nginx in front of plugins that lie on the disk as they would be installed, and that workers of the test answer for. */
export async function openProtected(plugins: Readonly<Record<string, Files>>, server: RoutesCase['server'] = {}): Promise<Place> {
  const place = await openPlace()
  const run = place.paths.runtimeHome
  const installed = Object.entries(plugins).map(([name, files]) => {
    const home = join(run, 'plugins', name)
    place.write(`plugins/${name}/.layerapi2_label`, `plugin_${name}@mfserv\n`)
    for (const [file, text] of Object.entries(files)) {
      place.write(`plugins/${name}/${file}`, file === 'config.ini' ? `${GENERAL}${generalOf(files)}${text}` : text)
    }
    const { plugin, problems } = readPlugin(home, {})
    if (plugin === undefined) throw new Problems(problems)
    return asInstalled(plugin, { is: 'installed', at: home })
  })
  const { routes } = routesOf(installed, { run, hostnames: ['test'], timeoutSeconds: 60, reserved: [] })
  await place.publish({ plugins: routes, server })
  return place
}

/** What comes back for bytes as they are, until nginx closes. */
export function rawly(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const parts: Buffer[] = []
    socket.on('data', (part: Buffer) => parts.push(part))
    socket.on('error', reject)
    socket.on('close', () => resolve(Buffer.concat(parts).toString()))
    socket.write(text)
  })
}

function generalOf(files: Files): string {
  return 'server.conf' in files ? 'extra_nginx_server_conf_filename=server.conf\n' : ''
}
