import { isIP } from 'node:net'

const DAY_MS = 86_400_000

/** A certificate for these host names and addresses that nobody but itself vouches for, with its key; both in PEM format. */
export async function selfSigned(
  names: readonly [string, ...string[]],
  days: number,
  now: number,
): Promise<{ readonly certificate: string; readonly key: string }> {
  // It is large, and only this needs it.
  const x509 = await import('@peculiar/x509')
  const { subtle } = globalThis.crypto
  x509.cryptoProvider.set(globalThis.crypto)
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    // A name may have no more letters there.
    name: [{ CN: [names[0].slice(0, 64)] }],
    notBefore: new Date(now),
    notAfter: new Date(now + days * DAY_MS),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }))),
    ],
  })
  const key = Buffer.from(await subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  const lines = key.match(/.{1,64}/g) ?? []
  return {
    certificate: `${certificate.toString('pem')}\n`,
    key: ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n'),
  }
}
