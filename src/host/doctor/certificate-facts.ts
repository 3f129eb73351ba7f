import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Config } from '../../config/config.ts'
import type { ConfiguredCertificate } from '../../config/tls/certificates.ts'
import type { CertificateFacts, Trouble } from '../../doctor/facts.ts'
import type { Paths } from '../home/paths.ts'
import { configuredCertificates } from '../tls/in-force.ts'

/** The certificates that nginx is to use, where it is to use any. What cannot be read is a trouble. */
export function certificateFacts(
  paths: Paths,
  config: Config,
): { readonly certificates: readonly CertificateFacts[]; readonly troubles: readonly Trouble[] } {
  const found = configuredCertificates(paths, config).map(factsOf)
  return {
    certificates: found.filter((one): one is CertificateFacts => 'file' in one),
    troubles: found.filter((one): one is Trouble => 'what' in one),
  }
}

function factsOf({ certificate: file, key }: ConfiguredCertificate): CertificateFacts | Trouble {
  try {
    const certificate = new X509Certificate(readFileSync(file))
    const fitsKey = certificate.checkPrivateKey(createPrivateKey(readFileSync(key)))
    return { file, from: certificate.validFromDate.getTime(), until: certificate.validToDate.getTime(), fitsKey }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const what = `the certificate ${file} with the key ${key} cannot be used: ${why}`
    return { what, fix: 'Name readable files in PEM format, the key without a password.', isError: true }
  }
}
