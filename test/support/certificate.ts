import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { readFileSync, renameSync } from 'node:fs'
import { connect } from 'node:tls'

export interface MadeCertificate {
  readonly certificate: string
  readonly key: string
}

/** A certificate that signed itself, at `<at>.crt` and `<at>.key`. */
export function selfSigned(at: string, names: readonly string[] = ['localhost'], days = 30): MadeCertificate {
  const files = { certificate: `${at}.crt`, key: `${at}.key` }
  const alternatives = ['-addext', `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`]
  const subject = [
    '-subj',
    `/CN=${names[0]}`,
    ...alternatives,
    '-days',
    String(days),
    '-nodes',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
  ]
  execFileSync('openssl', ['req', '-x509', ...subject, '-keyout', files.key, '-out', files.certificate], { stdio: 'ignore' })
  return files
}

/** Puts a pair in the place of another as tools of certificate authorities do: one file after the other. */
export function replaceBy(place: MadeCertificate, next: MadeCertificate): void {
  renameSync(next.certificate, place.certificate)
  renameSync(next.key, place.key)
}

export function serialOf({ certificate }: MadeCertificate): string {
  return new X509Certificate(readFileSync(certificate)).serialNumber
}

export interface Handshake {
  readonly subject: string
  readonly issuer: string
  readonly serial: string
  readonly protocol: string | null
  readonly alpn: string | false | null
}

/** What a client gets that asks for a name; the error of TLS when it gets nothing. */
export function handshake(
  port: number,
  name: string,
  versions: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3' | 'any' = 'any',
): Promise<Handshake> {
  const bounds = versions === 'any' ? {} : ({ minVersion: versions, maxVersion: versions } as const)
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, servername: name, rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'] }
    const socket = connect({ ...options, ...bounds, ciphers: 'DEFAULT@SECLEVEL=0' }, () => {
      const { subject, issuer, serialNumber: serial } = socket.getPeerCertificate()
      const cn = ({ CN = '' }: { readonly CN?: string | string[] }): string => String(CN)
      resolve({ subject: cn(subject), issuer: cn(issuer), serial, protocol: socket.getProtocol(), alpn: socket.alpnProtocol })
      socket.destroy()
    })
    socket.once('error', reject)
  })
}
