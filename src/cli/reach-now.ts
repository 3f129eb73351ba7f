import type { Reach } from '../daemon/reachable.ts'
import type { Paths } from '../host/paths.ts'

/** Whether nginx serves what runs now; undefined when no daemon answers. */
export async function reachNow({ control }: Paths): Promise<Reach | undefined> {
  const { askControl } = await import('../daemon/control.ts')
  const { reachable } = await import('../daemon/reachable.ts')
  const report = await askControl(control, 'GET /status')
  return report === undefined ? undefined : reachable(report)
}
