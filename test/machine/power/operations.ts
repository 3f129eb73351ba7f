import { HOME, STOCK, USER } from './places.ts'

/** What the name of a plugin is followed by: the version that serves, or null where the plugin is not there. */
export type Served = string | null

export interface Operation {
  readonly name: string
  /** What it changes, and so how the next boot tells whether it happened. */
  readonly changes:
    | { readonly is: 'plugin'; readonly plugin: string; readonly from: Served; readonly to: Served }
    | { readonly is: 'package' | 'log' | 'cron' | 'nothing' }
  readonly user: 'root' | typeof USER
  /** What has to be so before it begins, as a script of sh. */
  readonly prepare?: string
  /** The operation: its end with code 0 says that it happened. */
  readonly script: string
  /** What a person does next, and must be able to: it again where it did not happen, its opposite where it did. */
  readonly next: { readonly old: string; readonly new: string }
}

const file = (plugin: string, version: string): string => `${STOCK}/plugins/${plugin}-${version}-1.metwork.mfserv.plugin`
const upgrade = `DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${STOCK}/newer.deb`
/** What a cut left of dpkg's own work, dpkg asks a person to end; mfserv has to serve before that. */
const upgradeAfterCut = `DEBIAN_FRONTEND=noninteractive dpkg --configure -a; ${upgrade} --reinstall && mfserv --version`
/** A copy in the making has a longer name. Nobody is told of a rotation: it is done when it is on the disk. */
const untilRotated = `until ls ${HOME}/log/app_site_main.log.?????????????? >/dev/null 2>&1; do sleep 0.1; done; sync ${HOME}/log`
/** The first run of a minute begins some time after the minute, and its job takes three seconds. */
const untilNextRun = `ticks=$(wc -l <${HOME}/var/data/site/ticks); until [ "$(wc -l <${HOME}/var/data/site/ticks)" -gt "$ticks" ]; do sleep 0.1; done; sleep 4`
/** A minute may have begun after the boot, and its run goes on for three seconds: then a second one is refused. */
const runOnce = 'for try in 1 2 3 4 5 6; do mfserv cron run site 1 && exit 0; sleep 2; done; exit 1'
const status = 'mfserv.status'

/** Each begins with the plugin `site` in version 2, which was 1 before, `spare` in version 1, and no `extra`. */
export const OPERATIONS: readonly Operation[] = [
  {
    name: 'install',
    changes: { is: 'plugin', plugin: 'extra', from: null, to: '1' },
    user: USER,
    script: `plugins.install ${file('extra', '1')}`,
    next: { old: `plugins.install ${file('extra', '1')}`, new: 'plugins.uninstall extra' },
  },
  {
    name: 'hotswap',
    changes: { is: 'plugin', plugin: 'site', from: '2', to: '3' },
    user: USER,
    script: `plugins.hotswap --watch 1 ${file('site', '3')}`,
    next: { old: `plugins.hotswap --watch 1 ${file('site', '3')}`, new: 'plugins.rollback --watch 1 site' },
  },
  {
    name: 'rollback',
    changes: { is: 'plugin', plugin: 'site', from: '2', to: '1' },
    user: USER,
    script: 'plugins.rollback --watch 1 site',
    next: { old: 'plugins.rollback --watch 1 site', new: 'plugins.rollback --watch 1 site' },
  },
  {
    name: 'uninstall',
    changes: { is: 'plugin', plugin: 'spare', from: '1', to: null },
    user: USER,
    script: 'plugins.uninstall spare',
    next: { old: 'plugins.uninstall spare', new: `plugins.install ${file('spare', '1')}` },
  },
  {
    name: 'restart',
    changes: { is: 'nothing' },
    user: USER,
    script: 'mfserv.restart',
    next: { old: 'mfserv.restart', new: 'mfserv.restart' },
  },
  {
    name: 'upgrade',
    changes: { is: 'package' },
    user: 'root',
    script: upgrade,
    next: { old: upgradeAfterCut, new: upgradeAfterCut },
  },
  {
    name: 'rotation',
    changes: { is: 'log' },
    user: USER,
    // Lines that a power cut may not take: they are on the disk before the log is long enough for a rotation.
    prepare: `${STOCK}/lines 1 9000 >>${HOME}/log/app_site_main.log && sync ${HOME}/log/app_site_main.log`,
    script: `${STOCK}/lines 9001 12000 >>${HOME}/log/app_site_main.log && ${untilRotated}`,
    next: { old: status, new: status },
  },
  {
    name: 'cron',
    changes: { is: 'cron' },
    user: USER,
    prepare: 'while [ "$(date +%S)" != 58 ]; do sleep 0.2; done',
    script: untilNextRun,
    next: { old: runOnce, new: runOnce },
  },
]
