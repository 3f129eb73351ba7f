/** The types of OpenMetrics that are used here. */
export type MetricType = 'counter' | 'gauge' | 'histogram'

/** What is told under one name. */
export interface Metric {
  readonly type: MetricType
  /** Without the `_total` that a counter has. */
  readonly help: string
  readonly labels: readonly string[]
}

export type Labels = Readonly<Record<string, string | number>>

export interface Sample {
  readonly labels: Labels
  readonly value: number
}

export interface Histogram {
  readonly labels: Labels
  /** Upper bounds, without the infinite one. */
  readonly bounds: readonly number[]
  /** How many each bucket has without those before it; one more than there are bounds. */
  readonly counts: readonly number[]
  readonly sum: number
}
