import type { Config } from '../../../config/config.ts'
import { desire } from '../../../desired/desire.ts'
import type { DesiredState } from '../../../desired/desired.ts'
import type { Machine } from '../../../desired/environment.ts'
import type { Candidate, InstalledPlugin, LayeredPlugin } from '../../../desired/installed.ts'
import { needsRedis } from '../../../desired/redis-spec.ts'
import { withCertificates } from '../../../desired/tls/own-certificates.ts'
import { needsPhp } from '../../../desired/worker-spec.ts'
import { digest } from '../../disk/digest.ts'
import type { Paths } from '../../home/paths.ts'
import { desireSettings } from '../../module/desire-settings.ts'
import { findPhpFpm } from '../../programs/php-fpm.ts'
import type { Python2Search } from '../../programs/python2.ts'
import { findRedis } from '../../programs/redis.ts'
import { certificatesInForce } from '../../tls/in-force.ts'
import { asides } from '../aside/aside.ts'
import { restartsOf, stoppedPlugins } from '../plugin-marks.ts'
import { rememberedLayers } from './kept-layers.ts'

interface Here {
  readonly paths: Paths
  readonly machine: Machine
  readonly config: Config
  readonly uuid: string
  readonly python2: Python2Search
  readonly env: NodeJS.ProcessEnv
  /** The plugins of the state before, with their layers; undefined: as a daemon that was not stopped in order left them. */
  readonly before?: readonly LayeredPlugin[] | undefined
  readonly candidates?: readonly Candidate[]
}

/** What should be with these plugins on this machine, by what it has and by what its administrators have decided. */
export async function desireHere(plugins: readonly InstalledPlugin[], here: Here): Promise<DesiredState> {
  const { paths, config, uuid, env, before = rememberedLayers(paths), candidates = [] } = here
  const python2 = await here.python2.forPlugins(plugins, config.settings.python2.interpreter)
  // To look for one is to read every directory of PATH.
  const all = [...plugins, ...before, ...candidates.map(({ installed }) => installed)]
  const machine = {
    ...here.machine,
    ...python2,
    phpFpm: all.some(needsPhp) ? findPhpFpm(env, paths) : undefined,
    redis: all.some(needsRedis) ? findRedis(env, paths) : undefined,
  }
  const settings = {
    ...desireSettings(config, machine, paths, uuid),
    before,
    stopped: stoppedPlugins(paths),
    asides: asides(paths),
    restarts: restartsOf(paths),
    candidates,
  }
  const state = desire(plugins, settings, machine, digest)
  return state.ownCertificates.length === 0
    ? state
    : withCertificates(state, certificatesInForce(paths, config, state.ownCertificates), digest)
}
