import type { AppRoutes, PluginRoutes, ServerSettings } from '../../desired/desired.ts'
import { type Fragment, readFragment, sets } from '../../plugin/nginx-fragment.ts'
import { bare, type NginxText, nginx } from '../quote.ts'
import { accessRules, accessVariable } from './access.ts'
import { corsAnswer, corsOfAppHidden, corsRules, corsVariables, corsVariablesOf } from './cors.ts'
import { isLimited, limitRules, limitVariables, limitZones } from './limits.ts'

/** Of the http block, for all apps together. */
export function ruleVariables(plugins: readonly PluginRoutes[]): readonly NginxText[] {
  return [...limitVariables(plugins), ...corsVariables(plugins)]
}

/** The same of the apps of one plugin. */
export function ruleVariablesOf({ plugin, apps }: PluginRoutes): readonly (NginxText | undefined)[] {
  return apps.flatMap((app) => [accessVariable(plugin, app), ...limitZones(plugin, app), ...corsVariablesOf(plugin, app)])
}

/**
 * At the beginning of every location that a client can come to an app by: its own, those of its files, in the main server and in
 * virtual ones. What a fragment sets itself is left to it, but for who may ask, which the plugin's parser has seen to.
 */
export function rulesBefore(plugin: string, app: AppRoutes, text: string): readonly (NginxText | undefined)[] {
  const { rules } = app
  if (rules === undefined) return []
  const fragment = readFragment(text)
  return [
    ...accessRules(plugin, app),
    ...limitRules(plugin, app, fragment),
    ...corsRules(plugin, app),
    rules.maxBodyMb === undefined ? undefined : unlessSet(fragment, 'client_max_body_size', nginx`${rules.maxBodyMb}m`),
    ...gzipRules(app, fragment),
  ]
}

/** How the answer of the app itself goes to the client; the same in the location of the second try. */
export function rulesOfAnswer(app: AppRoutes, server: ServerSettings, fragment: Fragment): readonly (NginxText | undefined)[] {
  const { rules, kind } = app
  if (rules === undefined) return []
  const gateway = kind === 'fastcgi' ? 'fastcgi' : 'proxy'
  return [
    rules.buffering === false ? unlessSet(fragment, `${gateway}_buffering`, nginx`off`) : undefined,
    ...corsOfAppHidden(app, server),
  ]
}

/** Of the location of the second try: whoever comes there was let in. */
export function rulesAgain(plugin: string, app: AppRoutes, fragment: Fragment): readonly (NginxText | undefined)[] {
  return [...corsAnswer(plugin, app), ...gzipRules(app, fragment)]
}

/** Whether a location of the app adds headers, by which it would lose those around it. */
export function addsHeaders(app: AppRoutes): boolean {
  return app.rules?.cors !== undefined || isLimited(app)
}

/** How long a browser may use a file of the app without asking. */
export function cacheControl({ rules }: AppRoutes): NginxText {
  return rules?.staticMaxAge === undefined ? nginx`no-cache` : nginx`max-age=${rules.staticMaxAge}`
}

/** Of a virtual server. */
export function headerSize({ rules }: AppRoutes): NginxText | undefined {
  return rules?.maxHeaderKb === undefined ? undefined : nginx`large_client_header_buffers 8 ${rules.maxHeaderKb}k;`
}

const GZIP: readonly (readonly [directive: string, value: NginxText])[] = [
  ['gzip', nginx`on`],
  ['gzip_vary', nginx`on`],
  ['gzip_proxied', nginx`any`],
  ['gzip_min_length', nginx`1024`],
  ['gzip_comp_level', nginx`4`],
  [
    'gzip_types',
    nginx`text/css text/csv text/javascript text/markdown text/plain text/xml application/javascript application/json application/geo+json application/ld+json application/manifest+json application/problem+json application/xml application/atom+xml application/rss+xml image/svg+xml`,
  ],
]

function gzipRules({ rules }: AppRoutes, fragment: Fragment): readonly (NginxText | undefined)[] {
  return rules?.gzip === true ? GZIP.map(([directive, value]) => unlessSet(fragment, directive, value)) : []
}

function unlessSet(fragment: Fragment, directive: string, value: NginxText): NginxText | undefined {
  return sets(fragment, directive) ? undefined : nginx`${bare(directive)} ${value};`
}
