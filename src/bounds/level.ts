import type { Controller } from './groups.ts'

/** What holds the plugins to their limits. */
export type Level =
  /** The kernel. `without`: controllers that were not given to mfserv, and what to do about it. */
  | { readonly is: 'control groups'; readonly without: readonly Controller[]; readonly fix: string }
  /** mfserv, which looks every two seconds or sooner. */
  | { readonly is: 'watching'; readonly because: string; readonly fix: string }

/** What is known of the control groups of this machine. */
export interface GroupFacts {
  /** A tree of version 2 is there, and has controllers. */
  readonly hasControllers: boolean
  /** What started the daemon. `old unit`: of an mfserv before groups, which would not start again while workers are in some. */
  readonly startedBy: 'person' | 'old unit' | 'unit'
  /** Whether its group was given to it; undefined where it is in none. */
  readonly isDelegated: boolean | undefined
  /** Those it has there. */
  readonly controllers: readonly Controller[]
  readonly user: 'root' | 'other'
}

const WANTED: readonly Controller[] = ['memory', 'pids', 'cpu', 'io']

/** Which level is in force, and why not a better one. */
export function levelOf({ hasControllers, startedBy, isDelegated, controllers, user }: GroupFacts): Level {
  const watching = (because: string, fix: string): Level => ({ is: 'watching', because, fix })
  if (!hasControllers) {
    const fix =
      'On a machine with systemd, boot it with systemd.unified_cgroup_hierarchy=1; in a container it depends on the machine below it.'
    return watching('this machine has no control groups of version 2 with controllers', fix)
  }
  const install = 'Run "mfserv service install", then "mfserv.stop" and "mfserv.start".'
  if (startedBy === 'person') return watching('mfserv was not started as a service', install)
  if (startedBy === 'old unit') return watching('the unit of the service was written by an older mfserv', install)
  if (isDelegated !== true) {
    const fix = 'Let the unit have the line Delegate=yes: "mfserv service install" writes it. Then restart the service.'
    return watching('the control group of the service was not given to it', fix)
  }
  if (!controllers.includes('memory') || !controllers.includes('pids')) {
    return watching('the control group of the service has not the controllers memory and pids', delegation(user))
  }
  return { is: 'control groups', without: WANTED.filter((one) => !controllers.includes(one)), fix: delegation(user) }
}

function delegation(user: GroupFacts['user']): string {
  return user === 'root'
    ? 'Let the unit have the line Delegate=yes, and no list behind it. Then restart the service.'
    : 'As root: mkdir -p /etc/systemd/system/user@.service.d, write [Service] and Delegate=cpu io memory pids into delegate.conf there, systemctl daemon-reload, and log in anew.'
}

/** One line for people. */
export function levelText(level: Level): string {
  if (level.is === 'watching') return `watched by mfserv, because ${level.because}`
  const lacks = level.without.length === 0 ? '' : `, without ${level.without.join(' and ')}`
  return `held by the kernel (control groups)${lacks}`
}
