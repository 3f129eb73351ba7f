import { listenersOf } from '../../config/listen/listener.ts'
import type { PluginRoutes, Routes, ServerSettings } from '../../desired/desired.ts'
import type { ServedCertificate } from '../../desired/tls/tls-settings.ts'
import { map } from '../headers.ts'
import type { NginxMachine } from '../machine.ts'
import { type NginxText, nginx, quotedWords } from '../quote.ts'
import { isHttp2Of } from './versions.ts'

const SAFE_PROTOCOLS = ['TLSv1.2', 'TLSv1.3']

function speaksTls(server: ServerSettings): boolean {
  return listenersOf(server).some(({ tls }) => tls)
}

/** What all servers have in common. Of the configured protocols only 1.2 and 1.3 are used; both when none is left. */
export function tls({ server, plugins }: Routes, machine: NginxMachine): readonly (NginxText | undefined)[] {
  const [first] = server.tls.certificates
  if (!speaksTls(server) || first === undefined) return []
  const configured = server.tls.protocols.split(/\s+/)
  const chosen = SAFE_PROTOCOLS.filter((protocol) => configured.includes(protocol))
  return [
    ...files(first),
    nginx`ssl_protocols ${quotedWords(chosen.length > 0 ? chosen : SAFE_PROTOCOLS)};`,
    server.tls.ciphers === '' ? nginx`ssl_ciphers HIGH:!aNULL:!MD5;` : nginx`ssl_ciphers ${server.tls.ciphers};`,
    nginx`ssl_session_cache shared:mfserv_tls:4m;`,
    nginx`ssl_session_timeout 1h;`,
    isHttp2Of(server, machine) === 'by itself' ? nginx`http2 on;` : undefined,
    ...byName(server, plugins),
  ]
}

/** What the server for every name that no virtual host has says of its certificates. */
export function certificateOfRest({ server, plugins }: Routes): readonly NginxText[] {
  return ownFiles(server, ofRest(server, plugins))
}

/** The same for the server of these names. */
export function certificateOf(hosts: readonly string[], server: ServerSettings): readonly NginxText[] {
  return ownFiles(server, ofHosts(hosts, server))
}

/** Nothing where it is the one for all: that stands in front of the servers. */
function ownFiles(server: ServerSettings, all: readonly ServedCertificate[]): readonly NginxText[] {
  const [only] = all
  if (!speaksTls(server) || only === undefined) return []
  if (all.length > 1) return [nginx`ssl_certificate $mfserv_certificate;`, nginx`ssl_certificate_key $mfserv_certificate_key;`]
  return only === server.tls.certificates[0] ? [] : files(only)
}

function files({ certificate, key }: ServedCertificate): readonly NginxText[] {
  return [nginx`ssl_certificate ${certificate};`, nginx`ssl_certificate_key ${key};`]
}

/**
 * For servers whose clients get one certificate or another, by the name they ask for. nginx reads the file at each handshake
 * then, so it is only done where it must.
 */
function byName(server: ServerSettings, plugins: readonly PluginRoutes[]): readonly NginxText[] {
  const [first, ...others] = server.tls.certificates
  const apps = plugins.flatMap((plugin) => plugin.apps)
  const isNeeded = ofRest(server, plugins).length > 1 || apps.some(({ hosts }) => ofHosts(hosts, server).length > 1)
  if (first === undefined || !isNeeded) return []
  // A name that two certificates have is for the first.
  const names = new Map([first, ...others].reverse().flatMap((one) => one.names.map((name) => [name, one] as const)))
  const table = (of: 'certificate' | 'key'): readonly NginxText[] => [
    nginx`hostnames;`,
    nginx`default ${first[of]};`,
    ...[...names].map(([name, one]) => nginx`${name} ${one[of]};`),
  ]
  return [
    nginx`map_hash_bucket_size 256;`,
    nginx`map_hash_max_size 16384;`,
    map(nginx`$ssl_server_name`, 'mfserv_certificate', table('certificate')),
    map(nginx`$ssl_server_name`, 'mfserv_certificate_key', table('key')),
  ]
}

/** The certificates that clients of the main server may get: the first, and those with a name that no virtual host has. */
function ofRest({ tls: { certificates } }: ServerSettings, plugins: readonly PluginRoutes[]): readonly ServedCertificate[] {
  const hosts = new Set(plugins.flatMap(({ apps }) => apps.flatMap((app) => app.hosts.map((host) => host.toLowerCase()))))
  return certificates.filter(({ names }, index) => index === 0 || names.some((name) => !hosts.has(name)))
}

function ofHosts(hosts: readonly string[], { tls: { certificates } }: ServerSettings): readonly ServedCertificate[] {
  return [...new Set(hosts.flatMap((host) => ofHost(host.toLowerCase(), certificates)))]
}

function ofHost(host: string, certificates: readonly ServedCertificate[]): readonly ServedCertificate[] {
  const [first] = certificates
  const has = (name: string): ServedCertificate | undefined => certificates.find(({ names }) => names.includes(name))
  const own = has(host) ?? has(host.replace(/^[^.]*\./, '*.')) ?? first
  const below = host.startsWith('*.') || host.startsWith('.') ? host.replace(/^\*/, '') : undefined
  const more = below === undefined ? [] : certificates.filter(({ names }) => names.some((name) => name.endsWith(below)))
  return [...(own === undefined ? [] : [own]), ...more]
}
