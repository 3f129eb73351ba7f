import { findingsOf } from '../../doctor/doctor.ts'
import { exitCodeOf, type Finding, type Severity } from '../../doctor/finding.ts'
import { examine } from '../../operations/module/examine.ts'
import type { CommandTable } from '../command.ts'
import type { Result } from '../output.ts'

export async function run(_: readonly [], _options: unknown, { commands }: CommandTable): Promise<Result> {
  const hasService = commands.some(({ words }) => words.join(' ') === 'service install')
  const findings = findingsOf(await examine(process.env, Date.now()), hasService ? 'mfserv service install' : undefined)
  const exitCode = exitCodeOf(findings)
  return {
    data: { ok: exitCode === 0, findings },
    text: [...findings.map(findingText), summary(findings)].join('\n\n'),
    exitCode,
  }
}

const WORDS: Readonly<Record<Severity, string>> = { broken: 'BROKEN', risk: 'RISK', note: 'NOTE' }

function findingText({ severity, about, what, why, fix }: Finding): string {
  return [`${WORDS[severity]}  ${about}: ${what}`, `  Why it matters: ${why}.`, `  Fix: ${fix}`].join('\n')
}

function summary(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'Nothing was found.'
  const counts = (['broken', 'risk', 'note'] as const).map(
    (severity) => [severity, findings.filter((one) => one.severity === severity).length] as const,
  )
  return counts.map(([severity, count]) => `${count} ${WORDS[severity]}`).join(', ')
}
