import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { installedName, isPath, plainName } from '../../../host/plugins/find-plugin.ts'
import { readHistory } from '../../../host/receipts/history.ts'
import { receiptLine, receiptText } from '../../../receipt/receipt-text.ts'
import type { Result } from '../../output.ts'

export async function run([written]: readonly [string]): Promise<Result> {
  const paths = pathsOf(runtimeHome())
  const name = isPath(plainName(written)) ? installedName(written, paths.plugins) : plainName(written)
  const receipts = readHistory(name, paths)
  const last = receipts.at(-1)
  if (last === undefined) {
    installedName(name, paths.plugins)
    return { data: [], text: `Nothing has been done to ${name} while it served.` }
  }
  const time = (at: number): string => new Date(at).toLocaleString('sv-SE')
  const lines = receipts.map((receipt) => receiptLine(receipt, time(receipt.at)))
  return { data: receipts, text: [...lines, '', 'The last one:', receiptText(last)].join('\n') }
}
