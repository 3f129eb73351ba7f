import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Settings } from '../../config/settings.ts'
import type { CertificateFacts, Trouble } from '../../doctor/facts.ts'

/** The certificate that nginx is to use, where it is to use one. What cannot be read is a trouble. */
export function certificateFacts({ nginx }: Settings): {
  readonly certificates: readonly CertificateFacts[]
  readonly troubles: readonly Trouble[]
} {
  if (nginx.https_port === 0) return { certificates: [], troubles: [] }
  const { ssl_certificate: file, ssl_certificate_key: keyFile } = nginx
  try {
    const certificate = new X509Certificate(readFileSync(file))
    const fitsKey = certificate.checkPrivateKey(createPrivateKey(readFileSync(keyFile)))
    return {
      certificates: [{ file, from: certificate.validFromDate.getTime(), until: certificate.validToDate.getTime(), fitsKey }],
      troubles: [],
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const what = `the certificate ${file} with the key ${keyFile} cannot be used: ${why}`
    return {
      certificates: [],
      troubles: [{ what, fix: 'Put both files there in PEM format, readable for the user of mfserv', isError: true }],
    }
  }
}
