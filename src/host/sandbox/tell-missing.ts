import { writeSync } from 'node:fs'
import type { Sandbox } from '../../desired/sandbox/facts.ts'
import { missingFix } from '../../desired/sandbox/missing.ts'

/** Says in the log of a process that nothing keeps it in, and why. */
export function tellMissing(log: number, sandbox: Sandbox | undefined): void {
  if (sandbox?.is !== 'missing') return
  const { level, why } = sandbox
  writeSync(log, `mfserv: runs without its sandbox (${level}): ${why}. ${missingFix(why)}\n`)
}
