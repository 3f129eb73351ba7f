import { join, resolve } from 'node:path'

/** What the administrator of the machine says, outside the runtime home. */
export interface SiteFiles {
  readonly config: string
  /** Its first line names the configuration, such as DEV or GENERIC. */
  readonly configurationName: string
}

/** The administrator's directory: `MFSERV_SITE_DIRECTORY`, or the one in /etc. */
export function siteDirectory(env: NodeJS.ProcessEnv): string {
  const chosen = env['MFSERV_SITE_DIRECTORY']
  return chosen === undefined || chosen === '' ? '/etc/metwork.config.d/mfserv' : resolve(chosen)
}

export function siteFiles(env: NodeJS.ProcessEnv): SiteFiles {
  return { config: join(siteDirectory(env), 'config.ini'), configurationName: '/etc/metwork.config' }
}
