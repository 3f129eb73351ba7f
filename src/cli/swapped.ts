import type { PluginReport } from '../control/protocol.ts'
import type { Paths } from '../host/home/paths.ts'
import type { Swapped } from '../operations/release/hotswap.ts'
import type { Result } from './output.ts'

/** What a hot swap or a rollback says: the receipt, and whether the new version stayed. */
export async function swappedResult(swapped: Swapped, paths: Paths): Promise<Result> {
  const { isServed } = await import('../operations/release/place-of-change.ts')
  const { receiptText } = await import('../receipt/receipt-text.ts')
  const { name, to, replaced, receipt, notes } = swapped
  const said = receipt === undefined ? [] : [receiptText(receipt)]
  switch (replaced.is) {
    case 'unchanged':
      return { data: swapped, text: `${name} has release ${to} already. Nothing was done.` }
    case 'not running':
      return { data: swapped, text: [notTried(swapped, isServed(paths)), ...notes].join('\n') }
    case 'went-back':
      return { data: swapped, text: said.join('\n'), exitCode: 1 }
    case 'replaced': {
      const { answersText, isCutOff } = await import('../control/reachable.ts')
      const { problemLines } = await import('../control/trouble-text.ts')
      const { reachNow } = await import('./reach-now.ts')
      const { report, stillLeaving } = replaced
      const reach = await reachNow(paths)
      const isAsked = report.state !== 'stopped' && reach !== undefined
      const leaving = stillLeaving === 0 ? [] : [`${stillLeaving} old workers still finish their requests.`]
      const served = isAsked ? answersText(`Release ${to} of ${name}`, report.apps, reach) : unasked(report, to)
      const lines = [...said, served, ...leaving, ...problemLines(report.problems, ''), ...notes]
      const exitCode = isAsked && isCutOff(report.apps, reach) ? 1 : 0
      return { data: { ...swapped, reach: reach ?? null }, text: lines.join('\n'), exitCode }
    }
    default:
      return replaced satisfies never
  }
}

function unasked({ name, state }: PluginReport, release: string): string {
  const mend = state === 'stopped' ? `It is stopped: plugins.start ${name}` : 'mfserv ended meanwhile: mfserv.start'
  return `${name} has release ${release} now. ${mend}`
}

/** nginx and the workers outlive a daemon that was killed, and go on with what they have. */
function notTried({ name, from, to }: Swapped, isServed: boolean): string {
  if (!isServed) return `${name} has release ${to} now. No daemon serves this directory of plugins.`
  return [
    `${name} has release ${to} now, which was not tried: mfserv does not run.`,
    `Workers of ${from} that still run serve on until it does: mfserv.start`,
  ].join('\n')
}
