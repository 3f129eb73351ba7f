import type { Paths } from '../host/paths.ts'
import type { Swapped } from '../host/release/hotswap.ts'
import type { Result } from './output.ts'

/** What a hot swap or a rollback says: the receipt, and whether the new version stayed. */
export async function swappedResult(swapped: Swapped, paths: Paths): Promise<Result> {
  const { isServed } = await import('../host/release/surroundings.ts')
  const { receiptText } = await import('../release/receipt-text.ts')
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
      const urls = replaced.report.apps.map(({ url }) => `  ${url}`)
      const leaving = replaced.stillLeaving === 0 ? [] : [`${replaced.stillLeaving} old workers still finish their requests.`]
      return { data: swapped, text: [...said, `${name} answers in release ${to}:`, ...urls, ...leaving, ...notes].join('\n') }
    }
    default:
      return replaced satisfies never
  }
}

/** nginx and the workers outlive a daemon that was killed, and go on with what they have. */
function notTried({ name, from, to }: Swapped, isServed: boolean): string {
  if (!isServed) return `${name} has release ${to} now. No daemon serves this directory of plugins.`
  return [
    `${name} has release ${to} now, which was not tried: mfserv does not run.`,
    `Workers of ${from} that still run serve on until it does: mfserv.start`,
  ].join('\n')
}
