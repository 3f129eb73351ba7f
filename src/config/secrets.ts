/** What stands where a secret was. */
export const MASK = '***'

/**
 * A value as it may be shown: that of a key which sounds like a secret is masked, and so is what sounds like one inside of any
 * value: in URLs, headers, command lines and connection strings.
 */
export function shown(key: string, text: string): string {
  if (text === '' || text === 'null') return text
  if (soundsSecret(key) || PRIVATE_KEY.test(text)) return MASK
  return INSIDE.reduce((masked, mask) => mask(masked), text)
}

const LONGEST_URL = 500

/** A URL as it may stand in a log: what sounds like a secret in its query is masked, and only what can be printed is left. */
export function shownUrl(url: string): string {
  const [path = ''] = url.split('?')
  const masked = url
    .slice(path.length)
    .replace(/([?&;])([^=&;]*)=([^&;]*)/g, (_, before: string, name: string, value: string) => {
      return `${before}${name}=${shown(name, value)}`
    })
  const printable = `${path}${masked}`.replace(
    /[^!-~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
  return printable.length > LONGEST_URL ? `${printable.slice(0, LONGEST_URL)}…` : printable
}

/** Decided on the words of the name, so that `compass`, `basalt` and `tokenizer` are what they are. */
export function soundsSecret(name: string): boolean {
  const words = wordsOf(name)
  const last = words.at(-1)
  // `password_file` and `token_ttl` tell about a secret, not the secret.
  if (last === undefined || ABOUT.has(last)) return false
  const isSecret = words.some((word, index) => SECRET_WORDS.has(word) || SECRET_END.test(word) || isKey(word, words[index - 1]))
  return isSecret || isPass(last, words.at(-2)) || last === 'auth' || SECRET_NAMES.test(words.join(''))
}

const SECRET_WORDS: ReadonlySet<string> = new Set([
  ...['pwd', 'pw', 'psw', 'pswd', 'pin', 'otp', 'totp', 'salt', 'pepper', 'signing', 'signature', 'sig', 'hmac', 'jwt', 'dsn'],
  ...['authorization', 'cookie', 'cookies', 'cred', 'creds', 'private', 'sas', 'sessionid'],
])
/** As whole words and at the end of joined ones, such as `dbpassword` and `authtokens`. */
const SECRET_END =
  /(?:password|passwd|passphrase|passcode|passkey|passwort|userpass|dbpass|secret|token|credential|bearer|(?:api|access|secret|private|auth|encryption|master|account|signing|ssh)key)s?$/
/** Of several words, joined. */
const SECRET_NAMES = /connectionstring$|connstr$|webhooks?(?:ur[il])?$/
const ABOUT: ReadonlySet<string> = new Set([
  ...['file', 'path', 'dir', 'directory', 'ttl', 'timeout', 'expiry', 'lifetime', 'age', 'length', 'size', 'count', 'type'],
  ...['algorithm', 'policy', 'enabled', 'required', 'host', 'port', 'domain', 'samesite', 'httponly'],
])
/** Keys that are no secrets. */
const OPEN_KEYS: ReadonlySet<string> = new Set(['public', 'primary', 'foreign', 'sort', 'group', 'order', 'partition', 'cache'])
/** What nginx passes requests with. */
const PASSING: ReadonlySet<string> = new Set(['proxy', 'fastcgi', 'uwsgi', 'scgi', 'grpc'])

function isKey(word: string, before: string | undefined): boolean {
  return /^keys?$/.test(word) && (before === undefined || !OPEN_KEYS.has(before))
}

function isPass(word: string, before: string | undefined): boolean {
  return word === 'pass' && (before === undefined || !PASSING.has(before))
}

/** `smtpPassword`, `SMTP_PASSWORD`, `smtp-password` and `APIKey2` alike. */
function wordsOf(name: string): readonly string[] {
  const parted = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
  return parted.toLowerCase().match(/[a-z]+/g) ?? []
}

const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/
// Each is bounded, so that the time grows with the length of the value and not faster.
/** A password may have an @ in it. */
const PASSWORD_IN_URL = /(\w:\/\/[^/\s:@]{0,200}:)[^/\s]{1,2000}@/g
/** A user so long is a token. */
const TOKEN_IN_URL = /(\w:\/\/)[\w.~-]{20,2000}@/g
const NAMED = /(?<![\w.-])([\w.-]{1,100})(["']?(?:\s{0,4}=\s{0,4}|:\s{1,4}))("[^"]{0,4000}"|'[^']{0,4000}'|[^\s;,&#"']+)/g
const OPTION = /(^|\s)(--?[\w-]{1,100})(\s{1,4})("[^"]{0,4000}"|'[^']{0,4000}'|[^\s"'-]\S*)/g
const USER_OPTION = /(^|\s)(-u|--user)(\s{1,4}|=)(["']?)([^\s:"']{1,200}):[^\s"']+/g
const AUTHORIZATION = /(authorization["']?\s{0,4}[:=]\s{0,4}["']?)[^"'\r\n]+/gi
const BEARER = /\b(bearer\s{1,4})(?=[^\s"']{0,4000}\d)[^\s"']{8,}/gi
const COOKIE = /\b((?:set-)?cookie:\s{0,4})[^"'\r\n]+/gi

const INSIDE: readonly ((text: string) => string)[] = [
  (text) => text.replace(AUTHORIZATION, `$1${MASK}`),
  (text) => text.replace(BEARER, `$1${MASK}`),
  (text) => text.replace(COOKIE, `$1${MASK}`),
  (text) => text.replace(PASSWORD_IN_URL, `$1${MASK}@`),
  (text) => text.replace(TOKEN_IN_URL, `$1${MASK}@`),
  (text) => text.replace(USER_OPTION, `$1$2$3$4$5:${MASK}`),
  (text) => text.replace(NAMED, (all, name: string, between: string) => (soundsSecret(name) ? `${name}${between}${MASK}` : all)),
  (text) =>
    text.replace(OPTION, (all, before: string, name: string, between: string) =>
      soundsSecret(name) ? `${before}${name}${between}${MASK}` : all,
    ),
]
