import { isOwnPath } from '../config/own-paths.ts'
import type { AppRoutes, PluginRoutes, Routes, ServerSettings } from '../desired/desired.ts'
import { readFragment } from '../plugin/nginx-fragment.ts'
import { Problem } from '../problem.ts'
import { mountProblems } from './mount/mount-problems.ts'
import { stickyProblems } from './sticky/sticky-problems.ts'

export interface RenderProblem {
  /** Undefined when the module's own settings are to blame. */
  readonly plugin: string | undefined
  readonly problem: Problem
}

/** What is quoted well and would still not mean what it should. */
export function findProblems({ server, plugins }: Routes): readonly RenderProblem[] {
  const ofSettings = settingsProblems(server).map((problem) => ({ plugin: undefined, problem }))
  return [
    ...ofSettings,
    ...plugins.flatMap((plugin) => pluginProblems(plugin).map((problem) => ({ plugin: plugin.plugin, problem }))),
  ]
}

export function unsafeValue(value: string): Problem {
  const message = `nginx.conf cannot hold the value ${JSON.stringify(value)}`
  return new Problem('NGINX_UNSAFE_VALUE', message, 'Remove the "$" or the control character from it.')
}

function settingsProblems(server: ServerSettings): readonly Problem[] {
  const problems: Problem[] = []
  if (server.healthLocation !== undefined && !isPath(server.healthLocation)) {
    const fix = 'Write a path such as /__health, or null to switch it off.'
    problems.push(new Problem('INI_BAD_VALUE', `[nginx] health_location is "${server.healthLocation}"`, fix))
  } else if (server.healthLocation !== undefined && isOwnPath(server.healthLocation)) {
    const message = `[nginx] health_location is "${server.healthLocation}", which mfserv answers itself`
    problems.push(new Problem('INI_BAD_VALUE', message, 'Write another path, such as /__health, or null to switch it off.'))
  }
  return problems
}

function pluginProblems({ httpFragment, httpFile, serverFragment, serverFile, apps }: PluginRoutes): readonly Problem[] {
  return [
    ...fragmentProblems('nginx fragment of the http block', httpFragment, httpFile),
    ...fragmentProblems('nginx fragment of the server block', serverFragment, serverFile),
    ...apps.flatMap(appProblems),
  ]
}

function appProblems(routesOfApp: AppRoutes): readonly Problem[] {
  const { app, prefixes, hosts, appFragment, appFile, staticFragment, staticFile } = routesOfApp
  const routes = prefixes
    .filter((prefix) => !isPath(prefix))
    .map((prefix) => {
      return new Problem(
        'NGINX_UNSAFE_VALUE',
        `app "${app}" claims the route "${prefix}", which no URL can match`,
        'Write a path such as /data/maps.',
      )
    })
  const names = hosts
    .filter((host) => !isHost(host))
    .map((host) => {
      return new Problem(
        'NGINX_UNSAFE_VALUE',
        `app "${app}" has the virtual host "${host}"`,
        'Write a host name such as www.example.org or *.example.org.',
      )
    })
  return [
    ...routes,
    ...names,
    ...mountProblems(routesOfApp),
    ...stickyProblems(routesOfApp),
    ...fragmentProblems(`nginx fragment of app "${app}"`, appFragment, appFile),
    ...fragmentProblems(`nginx fragment for the static files of app "${app}"`, staticFragment, staticFile),
  ]
}

/** A fragment that is not closed would change the meaning of what follows, and nginx would blame another plugin. */
function fragmentProblems(name: string, text: string | undefined, file: string | undefined): readonly Problem[] {
  const fault = text === undefined ? undefined : readFragment(text).fault
  if (fault === undefined) return []
  const line = file === undefined ? `, line ${fault.line}` : ''
  const where = file === undefined ? undefined : { file, line: fault.line }
  return [new Problem('NGINX_UNSAFE_VALUE', `${name}${line}: ${fault.message}`, 'Fix that line of the fragment.', where)]
}

/** nginx compares with the URL after "//", "." and ".." are resolved. */
function isPath(path: string): boolean {
  const segments = path.split('/').slice(1)
  return (
    path === '/' || (path.startsWith('/') && segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..'))
  )
}

/** Not "~", which would begin a regular expression. */
function isHost(host: string): boolean {
  return /^(?:\*?\.)?[\w-]+(?:\.[\w-]+)*(?:\.\*)?$/.test(host)
}
