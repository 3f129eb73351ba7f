import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ConfiguredCertificate } from '../../config/tls/certificates.ts'
import type { PairFacts } from '../../config/tls/pair.ts'
import { digest } from '../disk/digest.ts'
import { namesIn } from '../disk/names-in.ts'
import { keepPrivately } from '../disk/private-file.ts'
import { readJson } from '../disk/read-json.ts'
import type { Paths } from '../home/paths.ts'
import type { Pair } from './read-pair.ts'

/** The copy of a certificate that was found good: nginx is given this one, whatever becomes of the files it was read from. */
export interface KeptPair extends PairFacts {
  /** Of both texts. */
  readonly digest: string
  /** Where it was read from. */
  readonly source: { readonly certificate: string; readonly key: string }
  /** The one before it, which nginx may still be told to read. */
  readonly before: string | undefined
}

const RECORD = 'current.json'

/** Undefined when none was good, or when the configuration of the module names other files since. */
export function keptPair(paths: Paths, { section, plugin, certificate, key }: ConfiguredCertificate): KeptPair | undefined {
  const kept = readJson(join(directoryOf(paths, section), RECORD))
  if (!isKept(kept)) return undefined
  if (plugin !== undefined) return kept
  return kept.source.certificate === certificate && kept.source.key === key ? kept : undefined
}

export function filesOf(paths: Paths, section: string, name: string): { readonly certificate: string; readonly key: string } {
  const directory = directoryOf(paths, section)
  return { certificate: join(directory, `${name}.crt`), key: join(directory, `${name}.key`) }
}

export function digestOf({ certificate, key }: Pair): string {
  return digest(`${certificate}\n${key}`).slice(0, 16)
}

/** The files come first, and the record of them last: who is killed in between leaves what was. */
export function keepPair(paths: Paths, { section, certificate, key }: ConfiguredCertificate, pair: Pair): void {
  const directory = directoryOf(paths, section)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const name = digestOf(pair)
  const files = filesOf(paths, section, name)
  keepPrivately(files.certificate, pair.certificate)
  keepPrivately(files.key, pair.key)
  const last = readJson(join(directory, RECORD))
  const { certificate: _text, key: _secret, ...facts } = pair
  const kept: KeptPair = { ...facts, digest: name, source: { certificate, key }, before: isKept(last) ? last.digest : undefined }
  keepPrivately(join(directory, RECORD), JSON.stringify(kept))
  const wanted = [name, ...(kept.before === undefined ? [] : [kept.before])].flatMap((one) => [`${one}.crt`, `${one}.key`])
  for (const old of namesIn(directory).filter((one) => /\.(?:crt|key)$/.test(one) && !wanted.includes(one)))
    rmSync(join(directory, old), { force: true })
}

/** Removes the copies of what the apps of a plugin have named. */
export function forgetPairsOf(plugin: string, { tls }: Paths): void {
  const all = namesIn(tls).filter((name) => name.startsWith(encodeURIComponent(`${plugin}/`)))
  for (const name of all) rmSync(join(tls, name), { recursive: true, force: true })
}

function directoryOf({ tls }: Paths, section: string): string {
  return join(tls, encodeURIComponent(section))
}

function isKept(value: unknown): value is KeptPair {
  return (
    typeof value === 'object' &&
    value !== null &&
    'digest' in value &&
    typeof value.digest === 'string' &&
    /^[0-9a-f]+$/.test(value.digest) &&
    'source' in value &&
    typeof value.source === 'object' &&
    value.source !== null &&
    'names' in value &&
    Array.isArray(value.names) &&
    'until' in value &&
    typeof value.until === 'number'
  )
}
