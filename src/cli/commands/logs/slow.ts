import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { chainsIn } from '../../../host/logs/log-chain.ts'
import { recordsFrom } from '../../../host/logs/read-from.ts'
import { plainName } from '../../../host/plugins/find-plugin.ts'
import { now } from '../../../host/process/clock.ts'
import { type AccessLine, answeredBy, parseAccessLine } from '../../../log/access.ts'
import { isWithin, Slow, type SlowGroup, type SlowReport, type Span } from '../../../log/slow.ts'
import { Problem } from '../../../problem.ts'
import { later } from '../../../time.ts'
import { momentOption, numberOption } from '../../logs/moment-option.ts'
import { localText } from '../../logs/record-text.ts'
import type { Result } from '../../output.ts'
import { box } from '../../table.ts'

interface SlowOptions {
  readonly at?: string
  readonly since?: string
  readonly lines?: string
}

const USUAL_MS = 10 * 60_000
const MINUTE_MS = 60_000
/** A request that is under way in the span may end so long after it. */
const ENDS_WITHIN_MS = 10 * 60_000
const LINES = 10
const MOST_LINES = 1000
const WIDEST = 60

export async function run([name]: readonly [string | undefined], options: SlowOptions): Promise<Result> {
  const plugin = name === undefined ? undefined : plainName(name)
  const span = spanOf(options)
  const slow = new Slow(options.lines === undefined ? LINES : numberOption('--lines', options.lines, MOST_LINES))
  for (const line of requestsIn(span)) if (plugin === undefined || line.plugin === plugin) slow.add(line)
  const report = slow.report(span)
  const times = { from: new Date(span.from).toISOString(), to: new Date(span.to).toISOString() }
  return { data: { ...times, ...report, slowest: report.slowest.map(dataOf) }, text: textOf(report, span) }
}

function spanOf({ at, since }: SlowOptions): Span {
  const to = now()
  if (at !== undefined && since !== undefined)
    throw new Problem('USAGE', '--at and --since are two answers to one question', 'Leave one of them out.')
  if (at !== undefined) {
    const from = momentOption('--at', at)
    return { from, to: later(from, MINUTE_MS) }
  }
  return { from: since === undefined ? later(to, -USUAL_MS) : momentOption('--since', since), to }
}

function* requestsIn(span: Span): Generator<AccessLine> {
  for (const chain of chainsIn(pathsOf(runtimeHome()).log)) {
    if (chain.source.is !== 'access') continue
    for (const { at, lines } of recordsFrom(chain, span.from)) {
      if (at > span.to + ENDS_WITHIN_MS) break
      const line = parseAccessLine(lines[0] ?? '')
      if (line !== undefined && isWithin(line, span)) yield line
    }
  }
}

function textOf({ requests, slowest, apps, paths, otherPaths }: SlowReport, { from, to }: Span): string {
  const when = `from ${localText(from).slice(0, 19)} to ${localText(to).slice(0, 19)}`
  if (requests === 0) return `No request was under way ${when}, as far as log/nginx_access.log tells.`
  const others = otherPaths === 0 ? [] : [`${otherPaths} requests of more different paths are not counted by path.`]
  return [
    `${requests} ${requests === 1 ? 'request was' : 'requests were'} under way ${when}.`,
    box({
      title: 'The slowest',
      head: ['Ended', 'Took', 'Behind nginx', 'Status', 'By', 'Request', 'Request id'],
      rows: slowest.map((line) => [
        localText(line.at),
        seconds(line.durationMs),
        line.upstreamMs === undefined ? '-' : seconds(line.upstreamMs),
        String(line.status),
        answeredBy(line.link),
        cut(`${line.method} ${line.uri}`),
        line.requestId,
      ]),
    }),
    box({ title: 'Apps, by the time they took in sum', head: HEAD, rows: apps.map((one) => groupRow(one, one.app)) }),
    box({ title: 'Paths, likewise', head: ['Path', ...HEAD.slice(1)], rows: paths.map((one) => groupRow(one, one.path ?? '')) }),
    ...others,
  ].join('\n')
}

const HEAD = ['App', 'In sum', 'Requests', 'Failed', 'p50', 'p99', 'Longest']

function groupRow({ totalMs, measured }: SlowGroup, name: string): readonly string[] {
  const { requests, failed, p50Ms, p99Ms, maxMs } = measured
  const longest = [p50Ms, p99Ms, maxMs].map((ms) => (ms === null ? '-' : seconds(ms)))
  return [cut(name), seconds(totalMs), String(requests), String(failed), ...longest]
}

function dataOf({ at, link, ...line }: AccessLine): unknown {
  return { ended: new Date(at).toISOString(), by: answeredBy(link), ...line }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`
}

function cut(text: string): string {
  return text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text
}
