import type { CertificateFacts, ClockFacts } from './facts.ts'
import type { Finding } from './finding.ts'

const DAY_MS = 86_400_000
/** Clocks of two machines, and of a file server, differ a little. */
const MOST_AHEAD_MS = 3_600_000
const SOON_DAYS = 14
const LATER_DAYS = 30

export function clockFindings({ isSynchronised, notBefore, newestFile }: ClockFacts, now: number): readonly Finding[] {
  const fix = 'timedatectl set-ntp true'
  if (now < notBefore - DAY_MS) {
    const why = 'certificates are not valid yet, logs and receipts are in the wrong order, and cron jobs run at the wrong time'
    const what = `the clock says ${dateOf(now)}, and this mfserv was made on ${dateOf(notBefore)}`
    return [{ severity: 'broken', about: 'clock', what, why, fix }]
  }
  const ahead: readonly Finding[] =
    newestFile === undefined || newestFile.at - now < MOST_AHEAD_MS
      ? []
      : [
          {
            severity: 'risk',
            about: 'clock',
            what: `${newestFile.path} was written at ${timeOf(newestFile.at)}, and it is ${timeOf(now)}: the clock was set back`,
            why: 'what is judged by its age, such as logs that are rotated, waits until that time has come again',
            fix,
          },
        ]
  const free: readonly Finding[] =
    isSynchronised === false
      ? [
          {
            severity: 'risk',
            about: 'clock',
            what: 'the clock is not kept right by a time server',
            why: 'it drifts by seconds a day: logs of several machines do not fit together, and signatures with a date fail one day',
            fix,
          },
        ]
      : []
  return [...ahead, ...free]
}

export function certificateFindings({ file, from, until, fitsKey }: CertificateFacts, now: number): readonly Finding[] {
  const fix = `Put a new certificate, with its chain, in the place of ${file}; mfserv takes it within seconds`
  const days = Math.floor((until - now) / DAY_MS)
  const said = (severity: Finding['severity'], what: string, why: string, how = fix): readonly Finding[] => [
    { severity, about: 'certificates', what, why, fix: how },
  ]
  if (!fitsKey) {
    const why = 'nginx takes neither: what was good last is in force, and a restart of the machine does not change that'
    return said('broken', `the key that is set does not belong to ${file}`, why, 'Set nginx.ssl_certificate_key to the key of it')
  }
  if (now < from)
    return said('broken', `${file} is valid from ${dateOf(from)} on, and it is ${dateOf(now)}`, 'browsers refuse it')
  if (days < 0) return said('broken', `${file} ended on ${dateOf(until)}`, 'browsers refuse it')
  if (days >= LATER_DAYS) return []
  const what = `${file} ends on ${dateOf(until)}, in ${days} days`
  return said(days < SOON_DAYS ? 'risk' : 'note', what, 'from then on browsers refuse it')
}

function dateOf(at: number): string {
  return timeOf(at).slice(0, 10)
}

/** Without a clock of its own: `new Date(at)` is only another spelling of a moment. */
function timeOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
