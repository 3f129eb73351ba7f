import { Problem } from '../../problem.ts'
import { inApp } from '../../runtime/app-directory.ts'
import type { App } from '../plugin.ts'

/** Files of passwords that nginx would send to whoever asks for them: who knows one password, or nobody, could read them all. */
export function servedPasswords(apps: readonly App[]): readonly Problem[] {
  return apps.flatMap(({ name, rules, where }) => {
    const file = rules?.passwordFile
    if (file === undefined || file.startsWith('/')) return []
    const server = apps.find((app) => serves(app, file))
    if (server === undefined) return []
    const message = `the passwords of app ${name}, ${file}, would be among the files that app ${server.name} shows to visitors`
    return [new Problem('INI_BAD_VALUE', message, 'Put the file into a directory of its own, such as conf/htpasswd.', where)]
  })
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
