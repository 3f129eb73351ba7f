import { inDays } from '../../../config/tls/ending.ts'
import { dateOf } from '../../../config/tls/pair.ts'
import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { readGoodConfig } from '../../../host/module/good-config.ts'
import { readHardware } from '../../../host/module/hardware.ts'
import { now } from '../../../host/process/clock.ts'
import { configuredCertificates, factsInForce } from '../../../host/tls/in-force.ts'
import type { Result } from '../../output.ts'
import { box } from '../../table.ts'

/** What the files say: it needs no daemon. */
export async function run(): Promise<Result> {
  const paths = pathsOf(runtimeHome())
  const { config } = readGoodConfig(paths, readHardware(), process.env)
  const all = configuredCertificates(paths, config).map((one) => {
    const facts = factsInForce(paths, one)
    const names = one.names.length > 0 ? one.names : (facts?.names ?? [])
    const { from, until, serial, issuer } = facts ?? {}
    return { section: one.section, names, from, until, serial, issuer, file: one.certificate }
  })
  if (all.length === 0) return { data: [], text: 'No certificate: nginx does not listen for HTTPS. See https_port in [nginx].' }
  const rows = all.map(({ section, names, until, issuer, file }) => [
    `[${section}]`,
    names.join('\n'),
    until === undefined ? 'none yet' : `${dateOf(until)}\n${until <= now() ? 'ended' : inDays(until - now())}`,
    issuer ?? '',
    file,
  ])
  const data = all.map((one) => ({ ...one, from: timeOf(one.from), until: timeOf(one.until) }))
  return {
    data,
    text: box({ title: `Certificates (${all.length})`, head: ['Section', 'Names', 'Until', 'Issuer', 'File'], rows }),
  }
}

function timeOf(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString()
}
