import type { Routes } from '../desired/desired.ts'
import { map } from './headers.ts'
import { bare, lines, literal, type NginxText, nginx } from './quote.ts'

interface Member {
  readonly name: string
  readonly variable: string
  readonly type: 'string' | 'number' | 'members'
}

const VIA: Member = { name: 'via', variable: 'realip_remote_addr', type: 'string' }

const MEMBERS: readonly Member[] = [
  { name: '@timestamp', variable: 'time_iso8601', type: 'string' },
  // The same to the millisecond: receipts tell by it which requests a swap met.
  { name: 'time', variable: 'msec', type: 'number' },
  { name: 'from', variable: 'remote_addr', type: 'string' },
  VIA,
  { name: 'host', variable: 'mfserv_log_host', type: 'string' },
  { name: 'method', variable: 'request_method', type: 'string' },
  { name: 'uri', variable: 'mfserv_log_uri', type: 'string' },
  { name: 'duration', variable: 'request_time', type: 'number' },
  { name: 'status', variable: 'mfserv_log_status', type: 'number' },
  { name: 'request_length', variable: 'request_length', type: 'number' },
  { name: 'reply_length', variable: 'bytes_sent', type: 'number' },
  { name: 'plugin', variable: 'mfserv_plugin', type: 'string' },
  { name: 'request_id', variable: 'mfserv_request_id', type: 'string' },
  { name: 'app', variable: 'mfserv_app', type: 'string' },
  { name: 'upstream_addr', variable: 'upstream_addr', type: 'string' },
  { name: 'upstream_status', variable: 'upstream_status', type: 'string' },
  { name: 'upstream_response_time', variable: 'upstream_response_time', type: 'string' },
  // nginx's error log names no request, but this: `*123`.
  { name: 'connection', variable: 'connection', type: 'number' },
]

const TRACE: Member = { name: 'traceparent', variable: 'mfserv_traceparent', type: 'string' }

const EXTRA: Member = { name: '', variable: 'extra_log_format', type: 'members' }

const VALID_UTF8 = nginx`"~^(?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})*+$"`

/** What locations tell the log and the headers with `set`; declared here for the requests that reach no location. */
export function requestVariables(): readonly NginxText[] {
  const empty = ['mfserv_app', 'extra_log_format'].map((name) => map(nginx`""`, name, [nginx`default "";`]))
  return [
    map(nginx`""`, 'mfserv_plugin', [nginx`default "#unknown#";`]),
    // aiohttp unpacks a body that says it is packed, and when it is not, closes the connection without a word: whoever comes next on
    // it would get 502, by what somebody else has sent.
    map(nginx`$http_content_encoding`, 'mfserv_idle', [nginx`default close;`, nginx`"" "";`]),
    ...empty,
  ]
}

/**
 * One JSON object for each request. A plugin's fragment may set $extra_log_format to further members, beginning with a
 * comma. nginx can escape all variables of a format or none, so such a line has a second format that escapes none: only
 * for requests whose own text needs no escape. The others are logged without the further members. Lines are collected and
 * written at least once a second, which costs less than a write for each request.
 */
export function accessLog(routes: Routes): readonly NginxText[] {
  const { server, paths } = routes
  if (!server.accessLog) return [nginx`access_log off;`]
  const written = MEMBERS.filter((member) => member !== VIA || server.realIp !== undefined)
  const members = server.trace ? [...written, TRACE] : written
  const buffered = nginx`buffer=64k flush=1s`
  const plain = logFormat(nginx`mfserv escape=json`, members)
  const always = [
    ...readableAsUtf8('request_uri', 'mfserv_log_uri'),
    ...readableAsUtf8('host', 'mfserv_log_host'),
    // nginx writes 000 for a client that went away early: no JSON number.
    map(nginx`$status`, 'mfserv_log_status', [nginx`default $status;`, nginx`000 0;`, nginx`009 9;`]),
  ]
  if (!fragmentsOf(routes).some((text) => text.includes('extra_log_format'))) {
    return hasPlainPaths(routes)
      ? [...always, plain, ...twoWays(members, nginx`${paths.accessLog}`, buffered)]
      : [...always, plain, nginx`access_log ${paths.accessLog} mfserv ${buffered};`]
  }
  return [
    ...always,
    extraMembers(members),
    map(nginx`"$host$request_uri"`, 'mfserv_log_is_plain', [nginx`default 1;`, nginx`"~[\"\\\\\x00-\x1f\x7f]" "";`]),
    map(nginx`$mfserv_log_extra`, 'mfserv_log_no_extra', [nginx`default 1;`, nginx`1 "";`]),
    plain,
    logFormat(nginx`mfserv_extra escape=none`, [...members, EXTRA]),
    nginx`access_log ${paths.accessLog} mfserv ${buffered} if=$mfserv_log_no_extra;`,
    nginx`access_log ${paths.accessLog} mfserv_extra ${buffered} if=$mfserv_log_extra;`,
  ]
}

/**
 * Most requests need no escape and no look at their UTF-8, and were answered. One look tells them from the others, and their line
 * is the same without: nginx goes through each variable twice to escape it, and each one that is worked out by a map costs it more
 * than to write it.
 */
function twoWays(members: readonly Member[], file: NginxText, buffered: NginxText): readonly NginxText[] {
  const lean = members.map((member) => ({ ...member, variable: UNCHECKED[member.variable] ?? member.variable }))
  return [
    map(nginx`"$host$request_uri $status"`, 'mfserv_log_is_lean', [nginx`default 1;`, nginx`"~[^ !#-\[\]-~]| 00.$" "";`]),
    map(nginx`$mfserv_log_is_lean`, 'mfserv_log_is_odd', [nginx`default "";`, nginx`"" 1;`]),
    logFormat(nginx`mfserv_lean escape=none`, lean),
    nginx`access_log ${file} mfserv_lean ${buffered} if=$mfserv_log_is_lean;`,
    nginx`access_log ${file} mfserv ${buffered} if=$mfserv_log_is_odd;`,
  ]
}

const UNCHECKED: Readonly<Record<string, string>> = {
  mfserv_log_host: 'host',
  mfserv_log_uri: 'request_uri',
  mfserv_log_status: 'status',
}

/** Whether the addresses of workers can be logged as they are: the home may be a directory of any name. */
function hasPlainPaths({ plugins }: Routes): boolean {
  const sockets = plugins.flatMap(({ apps }) => apps.flatMap((app) => [...app.sockets, app.holdSocket]))
  return sockets.every((path) => /^[\w./+@-]*$/.test(path))
}

/**
 * What a plugin adds is left out where it would be more than members of its own: a line in the name of another plugin, or a member
 * that mfserv has too, of which whoever reads JSON takes the last.
 */
function extraMembers(members: readonly Member[]): NginxText {
  const ours = members.map(({ name }) => literal(name)).reduce((all, one) => nginx`${all}|${one}`)
  return map(nginx`$extra_log_format`, 'mfserv_log_extra', [
    nginx`default "";`,
    nginx`"~\"(?:${ours})\"\s*:" "";`,
    // Another way to write a name.
    nginx`"~\\\\u" "";`,
    nginx`"~^,[^\n\r]*\z" $mfserv_log_is_plain;`,
  ])
}

function fragmentsOf({ plugins }: Routes): readonly string[] {
  return plugins.flatMap(({ httpFragment, serverFragment, apps }) =>
    [httpFragment, serverFragment, ...apps.flatMap((app) => [app.appFragment, app.staticFragment])].filter(
      (text) => text !== undefined,
    ),
  )
}

/** A client may send any byte in a URL; a line of the log has to stay readable as UTF-8. */
function readableAsUtf8(source: string, result: string): readonly NginxText[] {
  const from = bare(source)
  const checked = bare(`${result}_checked`)
  return [
    map(nginx`$${from}`, result, [nginx`default $${from};`, nginx`"~[\x80-\xff]" $${checked};`]),
    map(nginx`$${from}`, `${result}_checked`, [nginx`default "(not UTF-8)";`, nginx`${VALID_UTF8} $${from};`]),
  ]
}

function logFormat(nameAndEscape: NginxText, members: readonly Member[]): NginxText {
  const written = members.map(({ name, variable, type }, index) => {
    const before = index === 0 ? nginx`  '` : nginx`  ', `
    const value = nginx`$${bare(variable)}`
    if (type === 'members') return nginx`  '${value}'`
    return type === 'string' ? nginx`${before}"${bare(name)}": "${value}"'` : nginx`${before}"${bare(name)}": ${value}'`
  })
  return lines([nginx`log_format ${nameAndEscape} '{ '`, ...written, nginx`  ' }';`])
}
