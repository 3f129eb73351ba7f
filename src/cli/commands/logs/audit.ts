import { matchesGlob } from 'node:path'
import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { auditBack } from '../../../host/logs/audit-trail.ts'
import { plainName } from '../../../host/plugins/find-plugin.ts'
import { type AuditEntry, type AuditLine, auditEntries, callerText, isAbout } from '../../../log/audit.ts'
import { momentOption, numberOption } from '../../logs/moment-option.ts'
import { localText } from '../../logs/record-text.ts'
import type { Result } from '../../output.ts'
import { box } from '../../table.ts'

interface AuditOptions {
  readonly since?: string
  readonly lines?: string
}

const ENTRIES = 50
const MOST_ENTRIES = 100_000
/** A command that began so long before another ended is looked for: a hot swap that is watched takes an hour. */
const LONGEST_MS = 24 * 3_600_000

export async function run([name]: readonly [string | undefined], { since, lines }: AuditOptions): Promise<Result> {
  const from = since === undefined ? undefined : momentOption('--since', since)
  const most = lines === undefined ? (from === undefined ? ENTRIES : MOST_ENTRIES) : numberOption('--lines', lines, MOST_ENTRIES)
  const plugin = name === undefined ? undefined : plainName(name)
  const trail: AuditLine[] = []
  let begun = 0
  let last: number | undefined
  for (const line of auditBack(pathsOf(runtimeHome()).audit)) {
    last ??= line.at
    if (from !== undefined && line.at < from) break
    if (from === undefined && plugin === undefined && begun >= most && line.at < last - LONGEST_MS) break
    trail.push(line)
    if (line.is === 'begun') begun += 1
  }
  const entries = auditEntries(trail.reverse())
    .filter((entry) => plugin === undefined || isAbout(entry, plugin, matchesGlob))
    .slice(-most)
  return { data: entries.map(dataOf), text: textOf(entries) }
}

function textOf(entries: readonly AuditEntry[]): string {
  if (entries.length === 0) return 'Nothing was changed that the audit trail knows of.'
  const rows = entries.map(({ begun, ended }) => [
    localText(begun.at).slice(0, 19),
    callerText(begun.by),
    [begun.command, ...begun.words].join(' '),
    outcomeText(ended),
  ])
  return box({ title: 'Audit trail', head: ['When', 'Who', 'Command', 'Outcome'], rows })
}

function outcomeText(ended: AuditEntry['ended']): string {
  if (ended === undefined) return 'no end: killed, or it still runs'
  const why = ended.problems.length === 0 ? '' : `: ${[...new Set(ended.problems)].join(', ')}`
  return ended.outcome === 'ok' ? 'ok' : `failed (${ended.exitCode})${why}`
}

function dataOf({ begun, ended }: AuditEntry): unknown {
  const { is: _, at, ...what } = begun
  return {
    ...what,
    began: new Date(at).toISOString(),
    ended: ended === undefined ? null : new Date(ended.at).toISOString(),
    outcome: ended?.outcome ?? null,
    exitCode: ended?.exitCode ?? null,
    problems: ended?.problems ?? [],
    plugin: ended?.plugin ?? null,
  }
}
