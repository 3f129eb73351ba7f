import type { PluginRoutes } from '../../desired/desired.ts'
import { type BackendHeader, map } from '../headers.ts'
import { bare, type NginxText, nginx } from '../quote.ts'

/** The variables that name the script of a request, as a file and as a URL. */
const SCRIPT = ['request_filename', 'fastcgi_script_name']

/** The parameter, with the script where the URL leaves it out. */
export function withScript({ name, variable }: BackendHeader): BackendHeader {
  return { name, variable: variable !== undefined && SCRIPT.includes(variable) ? `mfserv_${variable}` : variable }
}

/** For apps with an `index`: it stands below every URL that does not end in `.php`. */
export function scriptVariables(plugins: readonly PluginRoutes[]): readonly NginxText[] {
  if (plugins.every(({ apps }) => apps.every(({ index, front }) => index === undefined || front !== undefined))) return []
  return SCRIPT.map((name) => {
    const path = nginx`$${bare(name)}`
    return map(path, `mfserv_${name}`, [nginx`"~\.php$" ${path};`, nginx`"~^(.*?)/*$" "$1/index.php";`])
  })
}
