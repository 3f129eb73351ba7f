/** What is known of a certificate and the key beside it. Times are milliseconds since 1970. */
export interface PairFacts {
  /** Host names, in small letters. */
  readonly names: readonly string[]
  readonly from: number
  readonly until: number
  readonly serial: string
  readonly issuer: string
  /** Whether all is there that a client needs who knows only the root. */
  readonly hasChain: boolean
}

/**
 * Why a new certificate is not to take the place of the one in force; undefined when it may. Without one in force it is better
 * than none.
 */
export function whyNotInstead(next: PairFacts, kept: PairFacts | undefined, now: number): string | undefined {
  if (kept === undefined || kept.until <= now) return undefined
  if (next.until <= now) return `ended on ${dateOf(next.until)}`
  if (next.from > now) return `is valid from ${dateOf(next.from)} on only`
  if (!next.hasChain && kept.hasChain) return `comes without its chain: the certificate of its issuer (${next.issuer}) is missing`
  return undefined
}

/**
 * The host names in the text that Node makes of an extension: `DNS:www.example.org, IP Address:10.1.2.3`. What nginx would refuse
 * as a name, such as `w*.example.org`, is none.
 */
export function namesIn(subjectAltName: string | undefined): readonly string[] {
  // What has a comma or a quote in it stands in quotes.
  const plain = (subjectAltName ?? '').replace(/"(?:[^"\\]|\\.)*"/g, '')
  const all = [...plain.matchAll(/(?:^|, )DNS:([^,]+)/g)].map(([, name = '']) => name.toLowerCase())
  return all.filter((name) => /^(?:\*\.)?[\w-]+(?:\.[\w-]+)*$/.test(name))
}

/** Without a clock of its own: `new Date(at)` is only another spelling of a moment. */
export function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
