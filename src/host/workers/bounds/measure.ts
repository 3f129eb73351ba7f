import type { Usage } from '../../../bounds/usage.ts'
import { textOf } from '../../disk/text-of.ts'
import { ownMemoryOf, processes, usageOf } from '../../process/proc.ts'
import { units } from '../../process/units.ts'

/** With less in it nobody hides there. */
const MUCH_SWAP_KB = 64 << 10

/**
 * What the sessions of these leaders take. What is resident is quick to read, and more than what is its own; so only from the
 * number of bytes beside a leader on it is looked at exactly. Where the machine swaps, everywhere.
 */
export function measureSessions(exactFrom: ReadonlyMap<number, number>): ReadonlyMap<number, Usage> {
  const { pageBytes } = units()
  const found = processes().flatMap((pid) => {
    const usage = usageOf(pid)
    return usage !== undefined && exactFrom.has(usage.session) ? [{ pid, ...usage }] : []
  })
  const isSwapping = swappedKb() > MUCH_SWAP_KB
  return new Map(
    [...Map.groupBy(found, ({ session }) => session)].map(([leader, all]) => {
      const tasks = all.reduce((sum, { threads }) => sum + threads, 0)
      const resident = all.reduce((sum, { pages }) => sum + pages * pageBytes, 0)
      const isExact = isSwapping || resident > (exactFrom.get(leader) ?? 0)
      return [leader, { tasks, memory: isExact ? all.reduce((sum, { pid }) => sum + ownMemoryOf(pid), 0) : resident }]
    }),
  )
}

function swappedKb(): number {
  const text = textOf('/proc/meminfo') ?? ''
  const [total, free] = ['SwapTotal', 'SwapFree'].map((name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0),
  )
  return (total ?? 0) - (free ?? 0)
}
