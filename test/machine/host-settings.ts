import { existsSync, globSync, readFileSync } from 'node:fs'

/*
 * How this machine reaches Debian, npm and PyPI. It is read when an image is built and goes into the image alone: where
 * somebody else's machine has another mirror, a proxy or certificates of a company, theirs are used.
 */

const PASSED_ON = [
  ...['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'],
  ...['PIP_INDEX_URL', 'PIP_CERT', 'UV_DEFAULT_INDEX', 'UV_SYSTEM_CERTS', 'NPM_CONFIG_REGISTRY'],
  ...['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE'],
]
const BUNDLE = 'etc/ssl/certs/ca-certificates.crt'

/** The address of Debian's packages, as this machine's own apt has it. */
export function mirror(): string {
  for (const file of globSync('/etc/apt/{sources.list,sources.list.d/*}')) {
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const [, address] = /^(?:URIs:|deb(?: \[[^\]]*\])?) *(https?:\S+\/debian)\/?(?:\s|$)/.exec(line) ?? []
      if (address !== undefined) return address
    }
  }
  throw new Error('no mirror of Debian is named in /etc/apt/sources.list or /etc/apt/sources.list.d')
}

/** Variables of every login on the machine. */
export function guestEnvironment(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    PASSED_ON.flatMap((name) => [[name, process.env[name] ?? ''] as const]).filter(([, value]) => value !== ''),
  )
}

/** Files to write, relative to the root of the machine: who is trusted here is trusted there. */
export function certificates(): ReadonlyMap<string, string> {
  const own = globSync('/usr/local/share/ca-certificates/**/*.crt').map((file) => file.slice(1))
  const bundle = existsSync(`/${BUNDLE}`) ? [BUNDLE] : []
  return new Map([...own, ...bundle].map((file) => [file, readFileSync(`/${file}`, 'utf8')]))
}

export function hosts(): string {
  return `${readFileSync('/etc/hosts', 'utf8').trimEnd()}\n127.0.1.1 machine\n`
}

/** The npm configuration of the system, where there is one. */
export function npmConfig(): string | undefined {
  return existsSync('/etc/npmrc') ? readFileSync('/etc/npmrc', 'utf8') : undefined
}
