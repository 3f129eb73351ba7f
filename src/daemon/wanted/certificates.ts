import type { Config } from '../../config/config.ts'
import { type ConfiguredCertificate, claimedTwice } from '../../config/tls/certificates.ts'
import { endingProblem } from '../../config/tls/ending.ts'
import type { PairFacts } from '../../config/tls/pair.ts'
import type { CertificateReport } from '../../control/protocol.ts'
import { acmeProblem } from '../../host/acme/acme-problem.ts'
import { stampsWithRightsOf } from '../../host/disk/stamps.ts'
import type { Paths } from '../../host/home/paths.ts'
import { log } from '../../host/logs/logger.ts'
import { now, steadyNow } from '../../host/process/clock.ts'
import { configuredCertificates, factsInForce, takePair } from '../../host/tls/in-force.ts'
import { formatProblem, isError, Problem } from '../../problem.ts'
import { later, type Millis } from '../../time.ts'

/** The two files of a certificate are replaced one after the other: so long they need not fit. */
const PATIENCE_MS = 2000
/** A certificate that was refused because of its dates is good at some time. */
const RETRY_MS = 60_000

interface Trouble {
  readonly problem: Problem
  readonly since: Millis
}

/** The certificates that the configuration in force names: their files are looked at, and good ones are copied for nginx. */
export class Certificates {
  readonly #paths: Paths
  #stamps: string | undefined
  #retryAt: Millis | undefined
  #troubles: ReadonlyMap<string, Trouble> = new Map()
  #told: ReadonlySet<string> = new Set()
  /** Names that two certificates are for. */
  #twice: readonly Problem[] = []
  /** Why no certificate could be fetched the last time. */
  #failed: Problem | undefined
  #inForce: readonly { readonly one: ConfiguredCertificate; readonly facts: PairFacts }[] = []

  constructor(paths: Paths) {
    this.#paths = paths
  }

  /** Why files of certificates are not in force as they are, and which certificates end soon. */
  get problems(): readonly Problem[] {
    const troubles = [...this.#troubles.values()].filter(isLasting).map(({ problem }) => problem)
    const failed = this.#failed === undefined ? [] : [this.#failed]
    return [
      ...troubles,
      ...failed,
      ...this.#twice,
      ...this.#inForce.flatMap(({ one, facts }) => endingProblem(one, facts, now()) ?? []),
    ]
  }

  get reports(): readonly CertificateReport[] {
    return this.#inForce.map(({ one, facts }) => ({
      section: one.section,
      names: one.names.length > 0 ? one.names : facts.names,
      file: one.certificate,
      from: facts.from as Millis,
      until: facts.until as Millis,
      serial: facts.serial,
      issuer: facts.issuer,
      isAsWritten: !this.#troubles.has(one.section),
    }))
  }

  /**
   * Looks at the files where they changed; answers whether nginx is to get another certificate. `own`: what plugins name, which
   * counts where the module has a certificate.
   */
  refresh(config: Config, own: readonly ConfiguredCertificate[]): 'changed' | 'same' {
    const ofModule = configuredCertificates(this.#paths, config)
    const all = ofModule.length === 0 ? [] : [...ofModule, ...own]
    const stamps = `${JSON.stringify(all)} ${stampsWithRightsOf(all.flatMap(({ certificate, key }) => [certificate, key]))}`
    const isDue = this.#retryAt !== undefined && steadyNow() >= this.#retryAt
    const outcome = stamps === this.#stamps && !isDue ? 'same' : this.#look(all, stamps)
    this.#failed = acmeProblem(this.#paths, config)
    this.#tell()
    return outcome
  }

  #look(all: readonly ConfiguredCertificate[], stamps: string): 'changed' | 'same' {
    const isFirst = this.#stamps === undefined
    const outcomes = all.map((one) => [one.section, takePair(this.#paths, one, now())] as const)
    const troubles = outcomes.flatMap(([section, outcome]) => {
      if (!(outcome instanceof Problem)) return []
      const since = isFirst ? later(steadyNow(), -PATIENCE_MS) : steadyNow()
      return [[section, { problem: outcome, since: this.#troubles.get(section)?.since ?? since }] as const]
    })
    this.#troubles = new Map(troubles)
    this.#twice = claimedTwice(all)
    this.#stamps = stamps
    this.#retryAt = troubles.length === 0 ? undefined : later(steadyNow(), RETRY_MS)
    this.#inForce = all.flatMap((one) => {
      const facts = factsInForce(this.#paths, one)
      return facts === undefined ? [] : [{ one, facts }]
    })
    const taken = outcomes.filter(([, outcome]) => outcome === 'taken')
    for (const [section] of isFirst ? [] : taken) log('INFO', `the certificate of [${section}] is another one from now on`)
    return taken.length > 0 ? 'changed' : 'same'
  }

  #tell(): void {
    const texts = new Map(this.problems.map((problem) => [formatProblem(problem), problem]))
    for (const [text, problem] of texts) if (!this.#told.has(text)) log(isError(problem) ? 'ERROR' : 'WARNING', text)
    this.#told = new Set(texts.keys())
  }
}

function isLasting({ since }: Trouble): boolean {
  return steadyNow() - since >= PATIENCE_MS
}
