import { type Token, tokensOf, unquoted } from '../nginx-fragment.ts'

/** A file that a fragment names by a path that does not begin with a slash. */
export interface OwnFile {
  readonly directive: string
  /** As it is written, without quotes. */
  readonly path: string
  /** When nginx reads it: with its configuration, or at each request. */
  readonly read: 'with the configuration' | 'at a request'
  /** It has to be there: a pattern, a directory or a name with a variable may match nothing. */
  readonly isNeeded: boolean
  /** From 1. */
  readonly line: number
}

/** Where the files of a plugin are. */
export interface OwnPlaces {
  /** The release itself: another one is another text, so nginx reads its files when it comes into force. */
  readonly home: string
  /** What leads to the present release: another one with the same routes is the same text. */
  readonly servedFrom: string
}

type Reads = OwnFile['read']

const CERTIFICATES = ['certificate', 'certificate_key', 'trusted_certificate', 'crl', 'password_file']
const WITH_CONFIGURATION = [
  'include',
  ...['client_certificate', 'dhparam', 'session_ticket_key', 'stapling_file', ...CERTIFICATES].map((name) => `ssl_${name}`),
  ...['proxy', 'grpc', 'uwsgi'].flatMap((gateway) => CERTIFICATES.map((name) => `${gateway}_ssl_${name}`)),
  ...['geoip_country', 'geoip_city', 'geoip_org', 'xslt_stylesheet'],
]
const AT_REQUEST = ['auth_basic_user_file', 'root', 'alias']

const READS: ReadonlyMap<string, Reads> = new Map([
  ...WITH_CONFIGURATION.map((name) => [name, 'with the configuration'] as const),
  ...AT_REQUEST.map((name) => [name, 'at a request'] as const),
])
/** Absolute, the value of a variable, or no file at all. */
const ELSEWHERE = /^(?:$|\/|\$|data:|engine:|store:)/

/** Every file of its own that a fragment names, in whichever block. */
export function ownFilesIn(text: string): readonly OwnFile[] {
  return found(text).map(({ file }) => file)
}

/**
 * The same text for nginx, which would look for these files beside its own configuration. The lines keep their numbers.
 */
export function withOwnFiles(text: string, { home, servedFrom }: OwnPlaces): string {
  let [written, from] = ['', 0]
  for (const { file, word } of found(text)) {
    const base = (file.read === 'at a request' ? servedFrom : home).replaceAll(/["\\]/g, '\\$&')
    written += `${text.slice(from, word.at)}"${base}/${inQuotes(word.text)}"`
    from = word.at + word.text.length
  }
  return written + text.slice(from)
}

interface Found {
  readonly file: OwnFile
  readonly word: Token
}

function found(text: string): readonly Found[] {
  const all: Found[] = []
  let words: Token[] = []
  for (const token of tokensOf(text)) {
    if (!/^[;{}]$/.test(token.text)) {
      words.push(token)
      continue
    }
    const [name, word] = words
    words = []
    if (token.text !== ';' || name === undefined || word === undefined) continue
    const directive = unquoted(name.text)
    const reads = READS.get(directive) ?? (directive.endsWith('_by_lua_file') ? 'with the configuration' : undefined)
    const path = unquoted(word.text)
    if (reads === undefined || ELSEWHERE.test(path)) continue
    const isNeeded = !/[$*?[]/.test(path) && directive !== 'root' && directive !== 'alias'
    const line = text.slice(0, word.at).split('\n').length
    all.push({ file: { directive, path, read: reads, isNeeded, line }, word })
  }
  return all
}

/** What stands between double quotes for the same word: in those, and in none, a backslash is written as here. */
function inQuotes(token: string): string {
  if (token.startsWith('"')) return token.slice(1, -1)
  const plain = token.startsWith("'") ? token.slice(1, -1).replaceAll("\\'", "'") : token
  return plain.replaceAll(/(?<!\\)"/g, '\\"')
}
