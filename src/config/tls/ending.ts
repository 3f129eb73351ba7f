import { Problem } from '../../problem.ts'
import type { ConfiguredCertificate } from './certificates.ts'
import { dateOf, type PairFacts } from './pair.ts'

const DAY_MS = 86_400_000
const WARN_DAYS = 14

/** What is to be said of the end of a certificate that is in force. One that lives for less than four weeks is told of in its second half. */
export function endingProblem(one: ConfiguredCertificate, { from, until }: PairFacts, now: number): Problem | undefined {
  const leftMs = until - now
  if (leftMs > Math.min(WARN_DAYS * DAY_MS, (until - from) / 2)) return undefined
  const fix = `Put a new certificate, with its chain, in the place of ${one.certificate}; it is taken within seconds.`
  const what = `[${one.section}] the certificate ${one.certificate}`
  if (leftMs <= 0) return new Problem('CERTIFICATE', `${what} ended on ${dateOf(until)}: clients refuse it`, fix, one.where)
  return new Problem('CERTIFICATE_ENDS', `${what} ends on ${dateOf(until)}, ${inDays(leftMs)}`, fix, one.where)
}

/** How long it is until then, for people. */
export function inDays(leftMs: number): string {
  const days = Math.floor(leftMs / DAY_MS)
  return days < 1 ? 'within a day' : `in ${days} ${days === 1 ? 'day' : 'days'}`
}
