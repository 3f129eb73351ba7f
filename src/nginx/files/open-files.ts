import type { AppRoutes, PluginRoutes } from '../../desired/desired.ts'
import { type Fragment, readFragment, sets } from '../../plugin/nginx-fragment.ts'
import type { NginxMachine } from '../machine.ts'
import { type NginxText, nginx } from '../quote.ts'

/** Paths that nginx remembers; those that nobody asks for go first. */
const MOST = 4096
/** More than a file is ever asked for: it is opened, and looked at, for each request. */
const NEVER = 1_000_000_000

/**
 * nginx remembers for at most a second that a file is not there, so that a look for the mark of a plugin, or for a compressed
 * file beside another, costs no call of the system. What is there it looks at each time, unless a location says otherwise.
 */
export function openFiles(plugins: readonly PluginRoutes[], { openFiles: allowed }: NginxMachine): readonly NginxText[] {
  if (plugins.some(({ httpFragment }) => hasOwn(readFragment(httpFragment ?? '')))) return []
  return [
    nginx`open_file_cache max=${Math.min(MOST, Math.floor(allowed / 8))} inactive=10s;`,
    nginx`open_file_cache_valid 1s;`,
    nginx`open_file_cache_errors on;`,
    nginx`open_file_cache_min_uses ${NEVER};`,
  ]
}

/**
 * How the files of an app are read. Those of a release are never written again, so they are kept open for a second; then another
 * release may be there. A file that is edited must not be kept: its answer would have the length of the one before.
 */
export function howFilesAreRead({ isRelease }: AppRoutes, fragment: Fragment): readonly NginxText[] {
  if (isRelease !== true) return sets(fragment, 'sendfile') ? [] : [nginx`sendfile off;`]
  // Locations inside this one would keep their files open as well, and those may be of another place.
  const isOther = ['location', 'alias', 'root'].some((directive) => sets(fragment, directive))
  return hasOwn(fragment) || isOther ? [] : [nginx`open_file_cache_min_uses 1;`]
}

/** Where the look must be a fresh one each time. */
export function freshLooks(fragment = ''): readonly NginxText[] {
  return hasOwn(readFragment(fragment)) ? [] : [nginx`open_file_cache off;`]
}

function hasOwn({ statements }: Fragment): boolean {
  return statements.some(({ words: [name = ''] }) => name.startsWith('open_file_cache'))
}
