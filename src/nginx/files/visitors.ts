import type { Visitors } from '../../desired/visitors.ts'
import { anyOf, literal, type NginxText, nginx } from '../quote.ts'

/** What belongs to the plugin and to its tools, in whichever directory. */
const OF_TOOLS = anyOf([
  nginx`node_modules|bower_components|node_sources|python[0-9]*_virtualenv[^/]*|__pycache__`,
  nginx`package(?:-lock)?\.json|npm-shrinkwrap\.json|composer\.(?:json|lock)|[jt]sconfig[^/]*\.json`,
  nginx`(?:requirements|constraints)[^/]*\.txt|config\.ini|[^/]*\.config\.[cm]?[jt]s|(?:gulp|grunt)file\.[cm]?js`,
])
/** What does so in the directory of the plugin alone. */
const OF_PLUGIN = nginx`bin|local|crontab|makefile|postinstall`
/** What a site has for machines, although others of the kind are not for visitors. */
const FOR_MACHINES = anyOf([
  nginx`(?:robots|humans|llms|security|ads|app-ads)\.txt|manifest\.json`,
  nginx`(?:sitemap[^/]*|feed|rss|atom|index|browserconfig|opensearch)\.xml`,
])

/**
 * `$mfserv_rest`: the path below the directory that a location at `path` serves. Empty for that directory without its slash.
 * By the name of a group, not its number: nginx would escape that once more.
 */
export function restOf(path: string): readonly NginxText[] {
  return [nginx`set $mfserv_rest "";`, nginx`if ($uri ~ "(?s)^${literal(path.replace(/\/$/, ''))}(?<mfserv_rest>/.*)\z") { }`]
}

/** Nobody is told that it is there. After `restOf`. */
export function hiddenNames({ isPlugin, hides }: Visitors): readonly NginxText[] {
  const names = isPlugin ? nginx`(?:.*/)?(?:${OF_TOOLS})|${OF_PLUGIN}` : nginx`(?:.*/)?(?:${OF_TOOLS})`
  return [
    nginx`if ($mfserv_rest ~* "(?s)^/(?:${names})(?:/|\z)") { return 404; }`,
    ...hides.map((path) => nginx`if ($mfserv_rest ~ "(?s)^/${literal(path)}(?:/|\z)") { return 404; }`),
  ]
}

/** The pattern of a path that a file may have which is served: because it is named here, not because nobody thought of it. */
export function isForVisitors({ extensions }: Visitors): NginxText {
  return nginx`"(?s)^/.*(?:\.(?:${anyOf(extensions.map(literal))})|(?<=/)(?:${FOR_MACHINES}))\z"`
}
