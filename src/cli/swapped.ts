import type { Swapped } from '../host/release/hotswap.ts'
import type { Result } from './output.ts'

/** What a hot swap or a rollback says: the receipt, and whether the new version stayed. */
export async function swappedResult(swapped: Swapped): Promise<Result> {
  const { receiptText } = await import('../release/receipt-text.ts')
  const { name, to, replaced, receipt, notes } = swapped
  const said = receipt === undefined ? [] : [receiptText(receipt)]
  switch (replaced.is) {
    case 'unchanged':
      return { data: swapped, text: `${name} has release ${to} already. Nothing was done.` }
    case 'not running':
      return { data: swapped, text: `${name} has release ${to} now. It is served once mfserv runs: mfserv.start` }
    case 'went-back':
      return { data: swapped, text: said.join('\n'), exitCode: 1 }
    case 'replaced': {
      const urls = replaced.report.apps.map(({ url }) => `  ${url}`)
      const leaving = replaced.stillLeaving === 0 ? [] : [`${replaced.stillLeaving} old workers still finish their requests.`]
      return { data: swapped, text: [...said, `${name} answers in release ${to}:`, ...urls, ...leaving, ...notes].join('\n') }
    }
    default:
      return replaced satisfies never
  }
}
