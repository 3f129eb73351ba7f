import type { Variables } from '../../config/variables.ts'
import type { InstalledPlugin } from '../../desired/installed.ts'
import { routesOf } from '../../desired/routes.ts'
import { serverSettings } from '../../desired/server-settings.ts'
import type { Paths } from '../../host/home/paths.ts'
import { nginxPaths } from '../../host/module/desire-settings.ts'
import { readHardware } from '../../host/module/hardware.ts'
import type { ReadConfig } from '../../host/module/read-config.ts'
import { proveRoutes } from '../../host/nginx/nginx-front.ts'
import { asInstalled, lookAtAll } from '../../host/plugins/installed.ts'
import { certificatesInForce } from '../../host/tls/in-force.ts'
import type { Plugin } from '../../plugin/plugin.ts'
import { Problem, Problems } from '../../problem.ts'
import { inOrder, NO_UUID } from './disk-now.ts'

/**
 * What nginx would not take of the fragments of a plugin, if it stood among the installed ones. Nothing that is in use is
 * touched. Without an nginx here nothing is known, and nothing is told.
 */
export async function fragmentProblems(
  plugin: Plugin,
  read: ReadConfig,
  paths: Paths,
  env: NodeJS.ProcessEnv,
): Promise<readonly Problem[]> {
  const { config } = read
  if (!config.settings.nginx.flag || !namesFragments(plugin)) return []
  const { routes } = among(plugin, read, paths, env)
  try {
    const together = {
      server: serverSettings(config, certificatesInForce(paths, config)),
      paths: nginxPaths(config, paths, NO_UUID),
      plugins: routes,
    }
    const refused = (await proveRoutes(paths, together)).get(plugin.name)
    return refused === undefined ? [] : [refused]
  } catch (error) {
    // That there is no nginx, or that it refuses the configuration of the module, is no fault of the plugin: the daemon tells it.
    if (error instanceof Problem || error instanceof Problems) return []
    throw error
  }
}

/** The routes and names that it would not get among the installed plugins, because another has them. */
export function routeConflicts(plugin: Plugin, read: ReadConfig, paths: Paths, env: NodeJS.ProcessEnv): readonly Problem[] {
  if (!read.config.settings.nginx.flag) return []
  const own = new Set(plugin.apps.map(({ where }) => where.file))
  return among(plugin, read, paths, env).problems.filter(({ where }) => where !== undefined && own.has(where.file))
}

function among(plugin: Plugin, { config, variables }: ReadConfig, paths: Paths, env: NodeJS.ProcessEnv) {
  const own = asInstalled(plugin, { is: 'installed', at: plugin.home })
  const { hostname, hostnameFull } = readHardware()
  const { healthLocation } = serverSettings(config)
  return routesOf(inOrder([...others(plugin.name, variables, paths, env), own]), {
    run: paths.run,
    hostnames: [hostname, hostnameFull],
    timeoutSeconds: config.settings.nginx.timeout,
    reserved: [healthLocation].filter((path) => path !== undefined),
  })
}

function others(name: string, variables: Variables, paths: Paths, env: NodeJS.ProcessEnv): readonly InstalledPlugin[] {
  return lookAtAll(paths, variables, env).filter(({ plugin }) => plugin.name !== name)
}

function namesFragments({ fragments, apps }: Plugin): boolean {
  return [fragments, ...apps.map((app) => app.fragments)].some((all) => Object.values(all).some((one) => one !== undefined))
}
