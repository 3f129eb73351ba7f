import type { AppRoutes, PluginRoutes, ServerSettings } from '../../desired/desired.ts'
import type { Cors } from '../../plugin/front/rules.ts'
import { map } from '../headers.ts'
import { bare, literal, type NginxText, nginx } from '../quote.ts'
import { variable, variableOf } from './names.ts'

/** How long a browser remembers what it was told, in seconds: Chromium takes no more than two hours. */
const REMEMBERED = 600

const TOLD_ORIGIN = 'mfserv_told_origin'
const TOLD_CREDENTIALS = 'mfserv_told_credentials'

const SAYS = ['Origin', 'Credentials', 'Methods', 'Headers'].map((what) => `Access-Control-Allow-${what}`)
const ALSO_SAYS = ['Access-Control-Expose-Headers', 'Access-Control-Max-Age']

/** Of the http block: what a browser asks before it sends a request that a page could not send without leave. */
export function corsVariables(plugins: readonly PluginRoutes[]): readonly NginxText[] {
  if (!isAllowed(plugins)) return []
  return [
    // What a location says to one that answers in its place.
    ...[TOLD_ORIGIN, TOLD_CREDENTIALS].map((name) => map(nginx`""`, name, [nginx`default "";`])),
    map(nginx`"$request_method $http_access_control_request_method $http_origin"`, 'mfserv_asks_leave', [
      nginx`default "";`,
      nginx`"~^OPTIONS [^ ]+ [^ ]" 1;`,
    ]),
  ]
}

/** The same of one app: what is said to the page that asks. Of what is empty no header is sent. */
export function corsVariablesOf(plugin: string, { app, rules }: AppRoutes): readonly NginxText[] {
  return rules?.cors === undefined ? [] : ofApp(plugin, app, rules.cors)
}

/** Of a location, on every answer. nginx gives leave itself, before anybody is asked for a password, which no browser would send. */
export function corsRules(plugin: string, app: AppRoutes): readonly (NginxText | undefined)[] {
  const { cors } = app.rules ?? {}
  if (cors === undefined) return []
  return [
    nginx`set $${bare(TOLD_ORIGIN)} ${variable('cors', plugin, app.app)};`,
    cors.credentials ? nginx`set $${bare(TOLD_CREDENTIALS)} ${variable('cors_credentials', plugin, app.app)};` : undefined,
    nginx`if ($mfserv_asks_leave) { return 204; }`,
    ...corsHeaders(plugin, app, cors),
  ]
}

/** Of a location that answers in place of that one: a page has to be able to read why it was refused. */
export function corsOfOthers(plugins: readonly PluginRoutes[]): readonly NginxText[] {
  if (!isAllowed(plugins)) return []
  return [
    nginx`add_header Access-Control-Allow-Origin $${bare(TOLD_ORIGIN)} always;`,
    nginx`add_header Access-Control-Allow-Credentials $${bare(TOLD_CREDENTIALS)} always;`,
  ]
}

/** The headers alone, for a location that a request comes to which was let in already. */
export function corsAnswer(plugin: string, app: AppRoutes): readonly NginxText[] {
  const { cors } = app.rules ?? {}
  return cors === undefined ? [] : corsHeaders(plugin, app, cors)
}

/** What the app itself says about it is left out: a browser refuses an answer that says it twice. */
export function corsOfAppHidden({ kind, rules }: AppRoutes, server: ServerSettings): readonly NginxText[] {
  if (rules?.cors === undefined || kind === 'files') return []
  const gateway = bare(kind === 'fastcgi' ? 'fastcgi' : 'proxy')
  // A location that hides one header would show those that are hidden around it.
  const all = [...SAYS, ...ALSO_SAYS, ...(server.addRequestIdHeader ? ['X-Request-Id'] : [])]
  return all.map((name) => nginx`${gateway}_hide_header ${bare(name)};`)
}

function isAllowed(plugins: readonly PluginRoutes[]): boolean {
  return plugins.some(({ apps }) => apps.some(({ rules }) => rules?.cors !== undefined))
}

function corsHeaders(plugin: string, { app }: AppRoutes, { origins, exposed, credentials }: Cors): readonly NginxText[] {
  const leave = (what: string): NginxText => variable(`cors_${what}`, plugin, app)
  return [
    nginx`add_header Access-Control-Allow-Origin ${variable('cors', plugin, app)} always;`,
    ...(origins.includes('*') ? [] : [nginx`add_header Vary Origin always;`]),
    ...(credentials ? [nginx`add_header Access-Control-Allow-Credentials ${leave('credentials')} always;`] : []),
    ...(exposed.length > 0 ? [nginx`add_header Access-Control-Expose-Headers ${leave('exposed')} always;`] : []),
    nginx`add_header Access-Control-Allow-Methods ${leave('methods')} always;`,
    nginx`add_header Access-Control-Allow-Headers ${leave('headers')} always;`,
    nginx`add_header Access-Control-Max-Age ${leave('age')} always;`,
  ]
}

function ofApp(plugin: string, app: string, cors: Cors): readonly NginxText[] {
  const origin = variable('cors', plugin, app)
  const whenAllowed = (what: string, text: NginxText): NginxText =>
    map(origin, variableOf(`cors_${what}`, plugin, app), [nginx`default ${text};`, nginx`"" "";`])
  const whenAsked = (what: string, text: string): NginxText =>
    map(nginx`"$mfserv_asks_leave${origin}"`, variableOf(`cors_${what}`, plugin, app), [
      nginx`default "";`,
      nginx`"~^1." ${text};`,
    ])
  return [
    map(nginx`$http_origin`, variableOf('cors', plugin, app), allowed(cors.origins)),
    ...(cors.credentials ? [whenAllowed('credentials', nginx`true`)] : []),
    ...(cors.exposed.length > 0 ? [whenAllowed('exposed', nginx`${cors.exposed.join(', ')}`)] : []),
    whenAsked('methods', cors.methods.join(', ')),
    whenAsked('headers', cors.headers.join(', ')),
    whenAsked('age', String(REMEMBERED)),
  ]
}

/** The origin itself where it may ask: `*` would be a leave for all. */
function allowed(origins: readonly string[]): readonly NginxText[] {
  if (origins.includes('*')) return [nginx`default "*";`, nginx`"" "";`]
  return [nginx`default "";`, ...origins.map((origin) => nginx`"~*^${pattern(origin)}\z" $http_origin;`)]
}

function pattern(origin: string): NginxText {
  const [scheme = '', host = ''] = origin.split('*.')
  return origin.includes('*.') ? nginx`${literal(scheme)}(?:[a-z0-9_-]+\.)+${literal(host)}` : literal(origin)
}
