import { existsSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { linkAtomically } from '../../src/host/disk/atomic.ts'
import { type Paths, pathsOf } from '../../src/host/home/paths.ts'

/** A module with the plugin `shop`, in development, which needs `tax`, a release, and would like `bonus`, which is not there. */
export interface Place {
  readonly root: string
  readonly paths: Paths
  readonly env: Record<string, string | undefined>
}

export const CONFIG_INI = (custom: string): string => `[general]
version=1
summary=A plugin
license=MIT
url=http://localhost
vendor=Nobody
maintainer=nobody <nobody@localhost>

[app_main]
type=static

[custom]
color = 1000
city = {{CITY}}
${custom}
`

let places = 0

export function newPlace(root: string): Place {
  places += 1
  const home = join(root, String(places))
  const paths = pathsOf(join(home, 'home'))
  const env = { HOME: home, MFSERV_SITE_DIRECTORY: join(home, 'site'), CITY: 'lille' }
  const place = { root: home, paths, env }
  plugin(place, 'shop', 'shop', 'size = 1')
  write(place, 'src/shop/.layerapi2_dependencies', 'plugin_tax@mfserv\n-plugin_bonus@mfserv\n')
  for (const name of ['tax-1', 'tax-2']) {
    plugin(place, name, 'tax', `rate = ${name}`)
    virtualenv(place, `src/${name}`, 1)
  }
  write(place, 'home/config/config.ini', '[mine]\nvalue = 1\nregion = @@@REGION@@@\nvalue[DEV] = dev\nvalue[PROD] = prod\n')
  linkAtomically(join(home, 'src/shop'), join(paths.plugins, 'shop'))
  point(place, 'tax-1')
  return place
}

export function plugin(place: Place, directory: string, name: string, custom: string): void {
  write(place, `src/${directory}/.layerapi2_label`, `plugin_${name}@mfserv\n`)
  write(place, `src/${directory}/config.ini`, CONFIG_INI(custom))
  write(place, `src/${directory}/main/index.html`, name)
}

export function virtualenv({ root: home }: Place, directory: string, n: number): void {
  const local = join(home, directory, 'local')
  const version = join(local, 'versions', String(n))
  mkdirSync(join(version, 'lib/python3.11/site-packages'), { recursive: true })
  mkdirSync(join(version, 'bin'), { recursive: true })
  for (const file of ['bin/python', 'pyvenv.cfg']) writeFileSync(join(version, file), '')
  writeFileSync(join(version, 'mfserv-build.json'), '{"requirements":"","python":""}')
  linkAtomically(join('versions', String(n)), join(local, 'current'))
  for (const entry of ['bin', 'lib', 'pyvenv.cfg']) linkAtomically(join('current', entry), join(local, entry))
}

/** Points `tax` at one of its releases. */
export function point({ root: home, paths }: Place, id: string): void {
  const release = join(paths.plugins, '.releases/tax', id)
  mkdirSync(dirname(release), { recursive: true })
  if (!existsSync(release)) symlinkSync(join(home, 'src', id), release)
  linkAtomically(join('.releases/tax', id), join(paths.plugins, 'tax'))
}

export function write({ root: home }: Place, path: string, text: string): void {
  mkdirSync(dirname(join(home, path)), { recursive: true })
  writeFileSync(join(home, path), text)
}

export function toggle(directory: string): void {
  if (existsSync(directory)) rmSync(directory, { recursive: true })
  else mkdirSync(directory, { recursive: true })
}

export function changed(file: string): bigint {
  return statSync(file, { bigint: true }).ctimeNs
}
