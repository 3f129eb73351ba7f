import { Problem } from '../../problem.ts'
import { inApp } from '../../runtime/app-directory.ts'
import type { App } from '../plugin.ts'

/** Files of passwords and private keys that nginx would send to whoever asks for them. */
export function servedSecrets(apps: readonly App[]): readonly Problem[] {
  return apps.flatMap((app) => [
    ...served(app, { what: 'passwords', file: app.rules?.passwordFile, better: 'conf/htpasswd' }, apps),
    ...served(app, { what: 'private key', file: app.certificate?.key, better: 'conf/key.pem' }, apps),
  ])
}

interface Secret {
  readonly what: string
  readonly file: string | undefined
  readonly better: string
}

function served({ name, where }: App, { what, file, better }: Secret, apps: readonly App[]): readonly Problem[] {
  if (file === undefined || file.startsWith('/')) return []
  const server = apps.find((app) => serves(app, file))
  if (server === undefined) return []
  const message = `the ${what} of app ${name}, ${file}, would be among the files that app ${server.name} shows to visitors`
  return [new Problem('INI_BAD_VALUE', message, `Put the file into a directory of its own, such as ${better}.`, where)]
}

/** In the directory of the plugin only what is made for visitors is served, and nowhere what begins with a dot. */
function serves(app: App, file: string): boolean {
  const { type, routing, staticExtensions } = app
  const ofFiles = type === 'static' && app.directory !== '.' ? [inApp(app, '').replace(/\/$/, '')] : []
  const ofStatic =
    type !== 'static' && routing.static !== undefined ? [inApp(app, routing.static.directory.replace(/^\/+/, ''))] : []
  const isShown = staticExtensions === undefined || type !== 'static' || staticExtensions.some((one) => file.endsWith(`.${one}`))
  return isShown && [...ofFiles, ...ofStatic].some((directory) => isBelow(directory.replace(/\/+$/, ''), file))
}

function isBelow(directory: string, file: string): boolean {
  return file.startsWith(`${directory}/`) && !file.slice(directory.length).includes('/.')
}
