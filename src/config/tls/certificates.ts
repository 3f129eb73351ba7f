import { Problem, type Where } from '../../problem.ts'
import type { Config } from '../config.ts'
import { listenersOf } from '../listen/listener.ts'
import { CERTIFICATE_SECTION, CERTIFICATE_SETTINGS } from '../settings/certificate-settings.ts'
import { isFile } from './is-file.ts'

/** A certificate that an administrator has put somewhere. */
export interface ConfiguredCertificate {
  /** The section that names it, `nginx` or `certificate_shop`, or the app of a plugin, `shop/main`. No two have the same. */
  readonly section: string
  /** Who names it, if not the configuration of the module: then the last good pair goes on, whatever files are named since. */
  readonly plugin?: string
  readonly certificate: string
  readonly key: string
  /** Whose clients get it; empty: those that the certificate has. */
  readonly names: readonly string[]
  /** The line that names its file. */
  readonly where: Where | undefined
}

/** Every certificate that the configuration names, the one for all other names first. */
export function certificatesOf({ settings, texts }: Pick<Config, 'settings' | 'texts'>): readonly ConfiguredCertificate[] {
  const { ssl_certificate: certificate, ssl_certificate_key: key } = settings.nginx
  const own = { section: 'nginx', certificate, key, names: [], where: whereOf(texts, 'nginx', 'ssl_certificate') }
  const sections = [...texts.keys()].filter((section) => section.startsWith(CERTIFICATE_SECTION))
  const named = sections.map((section): ConfiguredCertificate => {
    const written = (name: keyof typeof CERTIFICATE_SETTINGS): string => texts.get(section)?.get(name)?.text ?? 'null'
    const names = CERTIFICATE_SETTINGS.names.read(written('names'))
    return {
      section,
      certificate: fileOf(written('certificate')),
      key: fileOf(written('key')),
      names: 'value' in names ? names.value.map((name) => name.toLowerCase()) : [],
      where: whereOf(texts, section, 'certificate') ?? whereOf(texts, section, 'key') ?? whereOf(texts, section, 'names'),
    }
  })
  return [...(isFile(certificate) && isFile(key) ? [own] : []), ...named]
}

/** Names that two sections or apps say they have a certificate for: the first has it. */
export function claimedTwice(all: readonly ConfiguredCertificate[]): readonly Problem[] {
  const owners = new Map<string, ConfiguredCertificate>()
  return all.flatMap((one) =>
    one.names.flatMap((name) => {
      const owner = owners.get(name)
      if (owner === undefined) owners.set(name, one)
      if (owner === undefined || owner === one) return []
      const message = `[${one.section}] has a certificate for ${name}, which [${owner.section}] has already: its certificate is served`
      return [new Problem('CERTIFICATE_NAME', message, 'Leave the name to one of the two.', one.where)]
    }),
  )
}

/** Whether nginx speaks TLS anywhere. */
export function hasTls({ settings: { nginx } }: Pick<Config, 'settings'>): boolean {
  return listenersOf({ ...nginx, httpsPort: nginx.https_port }).some(({ tls }) => tls)
}

function fileOf(value: string): string {
  return value === 'null' ? '' : value
}

function whereOf(texts: Config['texts'], section: string, key: string): Where | undefined {
  const from = texts.get(section)?.get(key)?.from
  return from === undefined || from.layer === 'built-in' ? undefined : from.where
}
