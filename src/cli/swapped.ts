import type { PluginReport } from '../control/protocol.ts'
import { answersText, isCutOff } from '../control/reachable.ts'
import { problemLines } from '../control/trouble-text.ts'
import type { Paths } from '../host/home/paths.ts'
import { askUrls } from '../operations/plugin/ask-urls.ts'
import { hotswap, type Swapped } from '../operations/release/hotswap.ts'
import { isServed, type Surroundings } from '../operations/release/place-of-change.ts'
import type { Caution } from '../operations/release/replace.ts'
import { receiptText } from '../receipt/receipt-text.ts'
import type { Result } from './output.ts'
import { reachNow } from './reach-now.ts'

/** Replaces a plugin by the one of the file. */
export async function swapFile(file: string, newName: string | undefined, caution: Caution, at: Surroundings): Promise<Result> {
  return await swappedResult(await hotswap(file, newName, caution, at), at.paths)
}

/** What a hot swap or a rollback says: the receipt, and whether the new version stayed. */
export async function swappedResult(swapped: Swapped, paths: Paths): Promise<Result> {
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
      const { report, stillLeaving } = replaced
      const reach = await reachNow(paths)
      const isAsked = report.state !== 'stopped' && reach !== undefined
      const leaving = stillLeaving === 0 ? [] : [`${stillLeaving} old workers still finish their requests.`]
      const served = isAsked
        ? answersText(`Release ${to} of ${name}`, report.apps, reach, await askUrls(report.apps, reach))
        : unasked(report, to)
      const lines = [...said, served, ...leaving, ...problemLines(report.problems, ''), ...notes]
      const exitCode = isAsked && isCutOff(report.apps, reach) ? 1 : 0
      return { data: { ...swapped, reach: reach ?? null }, text: lines.join('\n'), exitCode }
    }
    default:
      return replaced satisfies never
  }
}

function unasked({ name, state }: PluginReport, release: string): string {
  const fix = state === 'stopped' ? `It is stopped: plugins.start ${name}` : 'mfserv ended meanwhile: mfserv.start'
  return `${name} has release ${release} now. ${fix}`
}

/** nginx and the workers outlive a daemon that was killed, and go on with what they have. */
function notTried({ name, from, to }: Swapped, isServed: boolean): string {
  if (!isServed) return `${name} has release ${to} now. No daemon serves this directory of plugins.`
  return [
    `${name} has release ${to} now, which was not tried: mfserv does not run.`,
    `Workers of ${from} that still run serve on until it does: mfserv.start`,
  ].join('\n')
}
