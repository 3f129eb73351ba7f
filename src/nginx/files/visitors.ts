import type { Visitors } from '../../desired/desired.ts'
import { literal, type NginxText, nginx } from '../quote.ts'

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
 * The rules of a location that serves files beside what is not for visitors. A file is served because it is named here, not
 * because nobody thought of it. They look at the path below the directory, whatever the URL in front of it is.
 */
export function visitorRules({ extensions, hides }: Visitors): readonly NginxText[] {
  const below = (pattern: NginxText): NginxText => nginx`"(?s)^(.*?)/*\|\1/*${pattern}"`
  return [
    nginx`set $mfserv_below "$document_root|$request_filename";`,
    nginx`if ($mfserv_below ~* ${below(nginx`(?:(?:.*/)?(?:${OF_TOOLS})|(?:${OF_PLUGIN}))(?:/|\z)`)}) { return 404; }`,
    ...hides.map((path) => nginx`if ($mfserv_below ~ ${below(nginx`${literal(path)}(?:/|\z)`)}) { return 404; }`),
    nginx`set $mfserv_is_shown "";`,
    nginx`if (-d $request_filename) { set $mfserv_is_shown 1; }`,
    nginx`if ($mfserv_below ~* "(?:\.(?:${anyOf(extensions.map(literal))})|/(?:${FOR_MACHINES}))\z") { set $mfserv_is_shown 1; }`,
    nginx`if ($mfserv_is_shown = "") { return 404; }`,
  ]
}

function anyOf(patterns: readonly NginxText[]): NginxText {
  return patterns.reduce((all, one) => nginx`${all}|${one}`)
}
