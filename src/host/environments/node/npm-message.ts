import type { LocalPackage } from './package-json.ts'

/** The lines of npm that say why, the most telling kind first. */
const DECISIVE = [
  /No matching version found/,
  /could not be found|is not in this registry|Not Found - GET/,
  /Could not resolve dependency|unable to resolve dependency tree/,
  /\b(ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ECONNRESET|CERT_\w+|SELF_SIGNED\w*)\b/,
  /integrity checksum failed|EINTEGRITY/,
  /Not compatible with your version|Unsupported engine/,
  /^gyp ERR! (stack )?Error|: fatal error:|: error:|^Error:/,
]

/** The one line of what npm said that says why, without the words that npm puts in front of each. */
export function decisiveLine(message: string): string | undefined {
  const lines = message.split('\n')
  for (const pattern of DECISIVE) {
    const found = lines.find((line) => pattern.test(line))
    if (found !== undefined) return found.replace(/^(notarget|404|E?[A-Z]+[A-Z0-9]*|gyp ERR!( stack)?)\s+/, '').trim()
  }
  return undefined
}

/** The registry refused who asked, or whoever asks without a token. */
export function wantsToken(message: string): boolean {
  return /\b(E401|E403|ENEEDAUTH)\b/.test(message)
}

/** What helps beside correcting a line of package.json. */
export function hintFor(message: string, command: 'ci' | 'install'): string {
  if (wantsToken(message))
    return 'The registry wants a token: in .npmrc, a line //HOST/:_authToken= with the name of an environment variable that holds it.'
  if (/\bEINTEGRITY\b|integrity checksum failed/.test(message))
    return 'The registry has other contents than the lock: make superclean, then make, takes what the registry has.'
  if (/\bERESOLVE\b/.test(message))
    return 'Two packages want different versions of a third one: choose versions that fit, or write legacy-peer-deps=true into .npmrc.'
  if (/gyp ERR!/.test(message))
    return 'The package is compiled here: install what it needs for that (Debian: apt install build-essential), or take a version with compiled parts.'
  const retry = command === 'ci' ? 'make superclean forgets the lock. ' : ''
  return `${retry}If the registry could not be reached, see docs/reference/templates.md for mirrors and proxies.`
}

export interface Blamed {
  /** Relative to the plugin. */
  readonly file: string
  readonly line: number | undefined
}

/** The package.json, and the line in it, that names a package of the message; `path` is `''` for the plugin itself. */
export function blamedFile(message: string, packages: readonly LocalPackage[]): Blamed {
  const named = packages.flatMap(({ path, packageJson }) =>
    Object.entries(packageJson.dependencies).map(([name, range]) => ({
      file: path === '' ? 'package.json' : `${path}/package.json`,
      text: packageJson.text,
      name,
      weight: weightOf(message, name, range),
    })),
  )
  const [first] = named
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight || other.name.length - one.name.length)
  return first === undefined
    ? { file: 'package.json', line: undefined }
    : { file: first.file, line: lineOf(first.name, first.text) }
}

/** More for the name with its range than for the name alone; 0 when the message does not have it. */
function weightOf(message: string, name: string, range: string): number {
  if (message.includes(`${name}@${range}`)) return 2
  const spellings = [name, name.replace('/', '%2f'), name.replace('/', '%2F')].map((one) =>
    one.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  )
  return new RegExp(`(^|[^\\w@./-]|node_modules/)(${spellings.join('|')})($|[^\\w/-]|/[^\\w])`, 'm').test(message) ? 1 : 0
}

/** Where the name stands as a key for the last time: a script may have the same name, and dependencies come after them. */
function lineOf(name: string, text: string): number | undefined {
  const key = new RegExp(`${JSON.stringify(name).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\s*:`)
  const index = text.split('\n').findLastIndex((line) => key.test(line))
  return index < 0 ? undefined : index + 1
}
