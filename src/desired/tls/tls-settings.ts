/** What the listeners for HTTPS have, and what plain HTTP says of them. */
export interface TlsSettings {
  /** The first is for clients that ask for no name, or for one that no certificate has. */
  readonly certificates: readonly ServedCertificate[]
  readonly ciphers: string
  readonly protocols: string
  readonly http2: boolean
  readonly http3: boolean
  /** For so long browsers are to use nothing but HTTPS; 0 says nothing of it. */
  readonly hstsSeconds: number
  /** Whether plain HTTP is answered with the address for HTTPS. */
  readonly redirect: boolean
  /** Whether a certificate authority may look for its challenges here. */
  readonly challenges: boolean
}

export interface ServedCertificate {
  /** The section of the configuration that names it. */
  readonly section: string
  /** Host names in small letters, `*.example.org` among them. */
  readonly names: readonly string[]
  readonly certificate: string
  readonly key: string
}
