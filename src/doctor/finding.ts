/** `broken`: something does not work, or will not at the next need. `risk`: it works, and may not for long. `note`: good to know. */
export type Severity = 'broken' | 'risk' | 'note'

/** One thing that was found, for a person who can do something about it. */
export interface Finding {
  readonly severity: Severity
  readonly about:
    | 'home'
    | 'machine'
    | 'limits'
    | 'disk'
    | 'clock'
    | 'certificates'
    | 'programs'
    | 'daemon'
    | 'service'
    | 'sandbox'
    | 'mfserv'
  readonly what: string
  readonly why: string
  /** A command, or what to do where no command does it. */
  readonly fix: string
}

const ORDER: readonly Severity[] = ['broken', 'risk', 'note']

/** The worst first, otherwise in the order they were found in. */
export function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return ORDER.flatMap((severity) => findings.filter((finding) => finding.severity === severity))
}

/** 1 when something is broken, else 0. */
export function exitCodeOf(findings: readonly Finding[]): number {
  return findings.some(({ severity }) => severity === 'broken') ? 1 : 0
}

/** `12.3 GB`. */
export function amount(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  const value = bytes / 1000 ** power
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`
}
