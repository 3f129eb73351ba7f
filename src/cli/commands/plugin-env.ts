import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { chosenFrom } from '../../desired/caller-environment.ts'
import { withDevelopmentTools } from '../../host/environments/development/environment.ts'
import { MFSERV_HOME, pathsOf, runtimeHome } from '../../host/home/paths.ts'
import { become } from '../../host/process/become.ts'
import { findPluginPlace } from '../../host/recall/find-plugin-place.ts'
import { Problem } from '../../problem.ts'

/** What the shell keeps of the environment it is called from. */
const KEPT = [
  'HOME',
  'TERM',
  'DISPLAY',
  'COLORTERM',
  'HOSTNAME',
  'LANG',
  'LOGNAME',
  'USER',
  'USERNAME',
  'XAUTHORITY',
  'MFMODULE_RUNTIME_HOME',
  'MFMODULE_RUNTIME_SUFFIX',
]

/** Does not come back. */
export async function run([name]: readonly [string | undefined]): Promise<undefined> {
  const wanted = name ?? pluginHere()
  const place = await findPluginPlace({ wanted, base: undefined }, pathsOf(runtimeHome()), process.env)
  const profile = join(MFSERV_HOME, 'share/plugin_env_profile')
  become({
    name: 'plugin_env',
    argv: ['bash', '--rcfile', profile],
    environment: {
      ...chosenFrom(process.env, KEPT),
      ...withDevelopmentTools(place.environment, place.home, MFSERV_HOME),
      PIP_PREFIX: join(place.home, 'local'),
      // A shell without a terminal reads this one instead of the --rcfile.
      BASH_ENV: profile,
    },
    cwd: place.home,
  })
}

/** The plugin whose directory this is. */
function pluginHere(): string {
  if (existsSync('.layerapi2_label')) return '.'
  throw new Problem(
    'USAGE',
    `${process.cwd()} is not the directory of a plugin: it has no .layerapi2_label`,
    'Go into the directory of a plugin, or give the name of an installed one: plugin_env NAME',
  )
}
