import { Problem, type Where } from '../../problem.ts'
import { nameIn } from '../key.ts'
import type { RULE_KEYS } from '../keys/rule-keys.ts'
import { APP_KEYS } from '../keys.ts'
import { tokensOf, unquoted } from '../nginx-fragment.ts'
import type { App, Fragment, OwnCertificate } from '../plugin.ts'
import type { SectionValues } from '../section.ts'
import { missingFile, type PluginTree } from '../tree.ts'
import type { Rules } from './rules.ts'

type AppValues = SectionValues<typeof APP_KEYS>
type RuleKey = keyof typeof RULE_KEYS

/** Only what is said, so that an app that says nothing is what it always was. */
export function rulesOf({ values }: AppValues): { readonly rules?: Rules } {
  const { rate_limit: rate, cors_origins: origins } = values
  const rules: Rules = {
    ...(values.auth_basic_user_file === '' ? {} : { passwordFile: values.auth_basic_user_file }),
    ...(values.allowed_networks.length === 0 ? {} : { networks: values.allowed_networks }),
    ...(rate === undefined ? {} : { rate: { ...rate, burst: values.rate_limit_burst || rate.requests } }),
    ...(values.connection_limit === 0 ? {} : { connections: values.connection_limit }),
    ...(values.request_limit === 0 ? {} : { requests: values.request_limit }),
    ...(origins.length === 0 ? {} : { cors: corsOf(values) }),
    ...(values.static_max_age === 0 ? {} : { staticMaxAge: values.static_max_age }),
    ...(values.gzip ? { gzip: true } : {}),
    ...(values.upload_max_body_size === 0 ? {} : { maxBodyMb: values.upload_max_body_size }),
    ...(values.buffering ? {} : { buffering: false }),
    ...(values.request_header_max_size === 0 ? {} : { maxHeaderKb: values.request_header_max_size }),
  }
  return Object.keys(rules).length === 0 ? {} : { rules }
}

/** Where a file of passwords outside of the plugin is named: whether it is there changes while the plugin does not. */
export function passwordsOf({ values, given }: AppValues): { readonly passwordsWhere?: Where } {
  const where = values.auth_basic_user_file.startsWith('/') ? given.get('auth_basic_user_file') : undefined
  return where === undefined ? {} : { passwordsWhere: where }
}

/** Both files, or nothing: of half a pair `ruleProblems` tells. */
export function certificateOf({ values, given }: AppValues): { readonly certificate?: OwnCertificate } {
  const { ssl_certificate: certificate, ssl_certificate_key: key } = values
  if (certificate === '' || key === '') return {}
  return { certificate: { certificate, key, where: given.get('ssl_certificate') } }
}

/** What nothing comes of, what would be no protection, and what a fragment of the app would undo. */
export function ruleProblems(app: App | undefined, read: AppValues, tree: PluginTree): readonly Problem[] {
  if (app === undefined) return []
  return [
    ...withoutEffect(app, read),
    ...noPasswords(app, read, tree),
    ...openToAll(app, read),
    ...[app.fragments.app, app.fragments.static].flatMap((fragment) =>
      fragment && app.rules ? undoing(fragment, app.rules) : [],
    ),
  ]
}

function corsOf(values: AppValues['values']): NonNullable<Rules['cors']> {
  return {
    origins: values.cors_origins.includes('*') ? ['*'] : values.cors_origins,
    methods: values.cors_methods,
    headers: values.cors_headers,
    exposed: values.cors_exposed_headers,
    credentials: values.cors_credentials,
  }
}

function withoutEffect(
  { rules = {}, certificate, workers, routing }: App,
  { values, given, section }: AppValues,
): readonly Problem[] {
  const ofCors: readonly RuleKey[] = ['cors_methods', 'cors_headers', 'cors_exposed_headers', 'cors_credentials']
  const onlyOnHosts = `it counts with ${nameIn(section.dialect, APP_KEYS.virtualdomain_based_routing)}`
  const idle: readonly (readonly [keys: readonly RuleKey[], isIdle: boolean, because: string])[] = [
    [ofCors, rules.cors === undefined, 'it counts with cors_origins'],
    [['rate_limit_burst'], rules.rate === undefined, 'it counts with rate_limit'],
    [['buffering'], rules.buffering === false && workers === 0, 'it counts for an app with workers'],
    [['request_header_max_size'], rules.maxHeaderKb !== undefined && !routing.virtualDomain, onlyOnHosts],
    [['ssl_certificate', 'ssl_certificate_key'], certificate !== undefined && !routing.virtualDomain, onlyOnHosts],
    [['ssl_certificate'], values.ssl_certificate !== '' && certificate === undefined, 'it counts with ssl_certificate_key'],
    [['ssl_certificate_key'], values.ssl_certificate_key !== '' && certificate === undefined, 'it counts with ssl_certificate'],
  ]
  return idle.flatMap(([keys, isIdle, because]) =>
    keys
      .filter((key) => isIdle && given.has(key))
      .map((key) => new Problem('INI_IGNORED_KEY', `${key} has no effect: ${because}`, 'Remove the line.', given.get(key))),
  )
}

function noPasswords({ rules }: App, { given }: AppValues, tree: PluginTree): readonly Problem[] {
  const path = rules?.passwordFile
  if (path === undefined || path.startsWith('/') || tree.present(path)) return []
  const named = { key: 'auth_basic_user_file', path, where: given.get('auth_basic_user_file') }
  return [missingFile(named, 'Create it, with lines such as those of: openssl passwd -apr1. Or write null.')]
}

/** No browser would take it, and a server that did it all the same would give every page the sessions of its visitors. */
function openToAll({ rules }: App, { given }: AppValues): readonly Problem[] {
  if (rules?.cors?.credentials !== true || !rules.cors.origins.includes('*')) return []
  const message = 'cors_credentials is 1 for every page there is: cors_origins has *'
  return [
    new Problem('INI_BAD_VALUE', message, 'Name the origins, or write cors_credentials = 0.', given.get('cors_credentials')),
  ]
}

/** Directives that a key decides; a fragment that has one, even in a location of its own, would quietly open what the key closes. */
const DECIDED: readonly (readonly [rule: keyof Rules, key: RuleKey, directives: readonly string[]])[] = [
  ['passwordFile', 'auth_basic_user_file', ['auth_basic', 'auth_basic_user_file', 'satisfy']],
  ['networks', 'allowed_networks', ['allow', 'deny', 'satisfy']],
  // A browser refuses an answer that says it twice.
  ['cors', 'cors_origins', ['add_header']],
]

function undoing({ file, text }: Fragment, rules: Rules): readonly Problem[] {
  const decided = DECIDED.filter(([rule]) => rules[rule] !== undefined)
  if (decided.length === 0) return []
  return directivesIn(text).flatMap(({ name, argument, line }) =>
    decided
      .filter(([, , directives]) => directives.includes(name) && (name !== 'add_header' || OF_CORS.test(argument)))
      .map(([, key]) => undone(key, name, { file, line })),
  )
}

const OF_CORS = /^["']?access-control-/i

function undone(key: RuleKey, directive: string, where: Where): Problem {
  const message = `the nginx fragment has "${directive}", but ${key} of the app decides that`
  return new Problem('NGINX_UNSAFE_VALUE', message, `Remove it from the fragment, or write ${key} = null.`, where)
}

interface Directive {
  readonly name: string
  readonly argument: string
  readonly line: number
}

/** In whichever block. */
function directivesIn(text: string): readonly Directive[] {
  const all: Directive[] = []
  let isFirst = true
  const tokens = tokensOf(text)
  for (const [index, token] of tokens.entries()) {
    const isEnd = /^[;{}]$/.test(token.text)
    if (!isEnd && isFirst) {
      const line = text.slice(0, token.at).split('\n').length
      all.push({ name: unquoted(token.text), argument: tokens[index + 1]?.text ?? '', line })
    }
    isFirst = isEnd
  }
  return all
}
