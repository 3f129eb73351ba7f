import type { LogSplit } from '../plugin.ts'

/** Nothing where the module decides, so that a model that was kept says the same as one that is read anew. */
export function logSplitOf(values: {
  readonly log_split_stdout_stderr: boolean | undefined
  readonly log_split_multiple_workers: boolean | undefined
}): { readonly logSplit?: LogSplit } {
  const { log_split_stdout_stderr: streams, log_split_multiple_workers: workers } = values
  if (streams === undefined && workers === undefined) return {}
  return {
    logSplit: { ...(streams === undefined ? {} : { streams }), ...(workers === undefined ? {} : { workers }) },
  }
}
