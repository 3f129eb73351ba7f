import type { Histogram, Labels, Sample } from './metric.ts'
import { METRICS, type MetricName } from './metrics.ts'

/** What is known, by name; what is not known is absent. */
export type Told = Partial<Readonly<Record<MetricName, readonly (Sample | Histogram)[]>>>

/** `text`: the format of Prometheus, which everything reads. `openmetrics`: its successor, for those who ask for it. */
export type Format = 'text' | 'openmetrics'

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

const MOST_VALUE = 200

/** OpenMetrics for who prefers it to plain text by its `Accept`, such as Prometheus. */
export function formatFor(accept: string): Format {
  const wanted = accept.split(',').map(preference)
  const of = (type: string): number => Math.max(0, ...wanted.flatMap((one) => (one.type === type ? [one.quality] : [])))
  const openmetrics = of('application/openmetrics-text')
  return openmetrics > 0 && openmetrics >= of('text/plain') ? 'openmetrics' : 'text'
}

/** The page of what is known. */
export function renderPage(told: Told, format: Format): string {
  const names = Object.keys(METRICS) as readonly MetricName[]
  const families = names.flatMap((name) => {
    const samples = told[name] ?? []
    return samples.length === 0 ? [] : [...head(name, format), ...samples.flatMap((sample) => linesOf(name, sample, format))]
  })
  return [...families, ...(format === 'openmetrics' ? ['# EOF'] : []), ''].join('\n')
}

/** Prometheus calls a counter by the name of its samples; OpenMetrics leaves out the `_total`. */
function head(name: MetricName, format: Format): readonly string[] {
  const { type, help } = METRICS[name]
  const called = format === 'text' ? sampleName(name) : name
  return [`# HELP ${called} ${escapedHelp(help)}`, `# TYPE ${called} ${type}`]
}

function sampleName(name: MetricName): string {
  return METRICS[name].type === 'counter' ? `${name}_total` : name
}

function linesOf(name: MetricName, sample: Sample | Histogram, format: Format): readonly string[] {
  if ('value' in sample) return [`${sampleName(name)}${labelText(sample.labels)} ${numberText(sample.value)}`]
  const { labels, bounds, counts, sum } = sample
  let upTo = 0
  const buckets = [...bounds.map((bound) => boundText(bound, format)), '+Inf'].map((le, index) => {
    upTo += counts[index] ?? 0
    return `${name}_bucket${labelText({ ...labels, le })} ${upTo}`
  })
  return [...buckets, `${name}_sum${labelText(labels)} ${numberText(sum)}`, `${name}_count${labelText(labels)} ${upTo}`]
}

function labelText(labels: Labels): string {
  const written = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`)
  return written.length === 0 ? '' : `{${written.join(',')}}`
}

/** A plugin chooses its version, and the text of its crontab: whatever it holds, it is one value on one line, in valid UTF-8. */
function escaped(value: string): string {
  const short = value.length > MOST_VALUE ? `${value.slice(0, MOST_VALUE)}…` : value
  return short.toWellFormed().replace(/[\\"\n]/g, (sign) => (sign === '\n' ? '\\n' : `\\${sign}`))
}

/** In OpenMetrics a quote is escaped here as well; no text of ours has one. */
function escapedHelp(help: string): string {
  return help.replace(/[\\\n"]/g, ' ')
}

/** In OpenMetrics a bound is a number with a point. */
function boundText(bound: number, format: Format): string {
  return format === 'openmetrics' && Number.isInteger(bound) ? `${bound}.0` : String(bound)
}

/** JavaScript writes the rest as both formats want it. */
function numberText(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value)
  return value > 0 ? '+Inf' : '-Inf'
}

function preference(text: string): { readonly type: string; readonly quality: number } {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const quality = parameters.find((one) => one.startsWith('q='))?.slice(2)
  return { type, quality: quality === undefined ? 1 : Number(quality) || 0 }
}
