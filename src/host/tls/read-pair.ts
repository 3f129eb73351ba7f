import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { createSecureContext, getCACertificates } from 'node:tls'
import type { ConfiguredCertificate } from '../../config/tls/certificates.ts'
import { isFile } from '../../config/tls/is-file.ts'
import { namesIn, type PairFacts } from '../../config/tls/pair.ts'

/** A certificate and its key, as text and as what they say. */
export interface Pair extends PairFacts {
  readonly certificate: string
  readonly key: string
}

/** What is wrong with the files, and the fix. */
export interface BadPair {
  readonly what: string
  readonly fix: string
}

/** A chain has a few kilobytes. */
const MOST_BYTES = 1_000_000
/** What OpenSSL asks of a key and a signature in Debian, and so nginx. */
const LEVEL = 'DEFAULT@SECLEVEL=2'

/** Reads the two files of a certificate, and looks at everything that nginx would refuse. */
export function readPair({ certificate: file, key: keyFile }: ConfiguredCertificate): Pair | BadPair {
  const certificate = readWhole(file, 'certificate')
  const key = readWhole(keyFile, 'key')
  if (typeof certificate !== 'string') return certificate
  if (typeof key !== 'string') return key
  const chain = certificatesIn(certificate)
  const [leaf] = chain
  if (leaf === undefined)
    return { what: `${file} has no certificate in PEM format`, fix: `Write the certificate and its chain into it.` }
  const secret = keyIn(key, keyFile)
  if ('what' in secret) return secret
  if (!leaf.checkPrivateKey(secret.key)) {
    return { what: `the key ${keyFile} does not belong to ${file}`, fix: 'Put the key there that the certificate was made for.' }
  }
  const refused = refusal(certificate, key)
  if (refused !== undefined) return { what: `${file} cannot be used: ${refused}`, fix: 'Have a new certificate made.' }
  return { certificate, key, ...factsOf(leaf, chain) }
}

/** Of the first certificate in a file; undefined when there is none. */
export function factsInFile(file: string): PairFacts | undefined {
  const text = readWhole(file, 'certificate')
  return typeof text === 'string' ? factsIn(text) : undefined
}

/** Of the first certificate in a text; undefined when there is none. */
export function factsIn(text: string): PairFacts | undefined {
  const chain = certificatesIn(text)
  return chain[0] === undefined ? undefined : factsOf(chain[0], chain)
}

function factsOf(leaf: X509Certificate, chain: readonly X509Certificate[]): PairFacts {
  return {
    names: namesIn(leaf.subjectAltName),
    from: leaf.validFromDate.getTime(),
    until: leaf.validToDate.getTime(),
    serial: leaf.serialNumber,
    issuer: oneLine(leaf.issuer),
    hasChain: hasChain(leaf, chain),
  }
}

function readWhole(file: string, what: string): string | BadPair {
  if (!isFile(file)) return { what: `no ${what} is named`, fix: `Write the path of the ${what}, a file in PEM format.` }
  let descriptor: number | undefined
  try {
    // Nobody may ever write into a pipe.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
    const stat = fstatSync(descriptor)
    if (!stat.isFile() || stat.size > MOST_BYTES) return { what: `${file} is no ${what}`, fix: 'Name a file in PEM format.' }
    return readFileSync(descriptor, 'utf8')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    if (error.code === 'ENOENT') return { what: `${file} is not there`, fix: `Put the ${what} there.` }
    return { what: `${file} cannot be read (${String(error.code)})`, fix: `Give the user of mfserv the right to read it.` }
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

/** What does not read counts as absent. */
function certificatesIn(text: string): readonly X509Certificate[] {
  const blocks =
    text.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g) ?? []
  const read = blocks.map((block) => tried(() => new X509Certificate(block)))
  return read.filter((one) => one instanceof X509Certificate)
}

function keyIn(text: string, file: string): { readonly key: KeyObject } | BadPair {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    const fix = `nginx cannot ask for it. Take it away: openssl pkey -in ${file} -out FILE`
    return { what: `the key ${file} is encrypted with a password`, fix }
  }
  const key = tried(() => createPrivateKey(text))
  return key instanceof Error ? { what: `${file} has no private key in PEM format`, fix: 'Write the key into it.' } : { key }
}

/** As OpenSSL says it, with which nginx reads them. */
function refusal(cert: string, key: string): string | undefined {
  const context = tried(() => createSecureContext({ cert, key, ciphers: LEVEL }))
  return context instanceof Error ? context.message.replace(/^error:[^:]*:[^:]*:[^:]*:/, '') : undefined
}

/** A root, known to this machine or not, is never sent: whoever trusts it has it. */
function hasChain(leaf: X509Certificate, chain: readonly X509Certificate[]): boolean {
  if (chain.length > 1 || leaf.issuer === leaf.subject) return true
  const roots = getCACertificates('system').map((text) => tried(() => new X509Certificate(text)))
  return roots.some((root) => root instanceof X509Certificate && root.subject === leaf.issuer && leaf.checkIssued(root))
}

function tried<T>(work: () => T): T | Error {
  try {
    return work()
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
}

function oneLine(name: string): string {
  return name.replaceAll('\n', ', ')
}
