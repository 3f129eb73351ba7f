import type { Command } from 'commander'
import type { Paths } from '../../../host/home/paths.ts'
import type { OutputOptions, Result } from '../../output.ts'

export function register(plugins: Command): void {
  plugins
    .command('history')
    .description('Show what was done to a plugin while it served, oldest first, and what it cost.')
    .argument('<NAME>', 'the name of the plugin')
    .action(async (name: string, _options, command: Command) => {
      const { print } = await import('../../output.ts')
      const { pathsOf, runtimeHome } = await import('../../../host/home/paths.ts')
      print(await history(name, pathsOf(runtimeHome())), command.optsWithGlobals<OutputOptions>())
    })
}

async function history(written: string, paths: Paths): Promise<Result> {
  const { readHistory } = await import('../../../host/receipts/history.ts')
  const { receiptLine, receiptText } = await import('../../../receipt/receipt-text.ts')
  const { installedName, isPath, plainName } = await import('../../../host/plugins/find-plugin.ts')
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
