import { askControl } from '../control/client.ts'
import { type Reach, reachable } from '../control/reachable.ts'
import type { Paths } from '../host/home/paths.ts'

/** Whether nginx serves what runs now; undefined when no daemon answers. */
export async function reachNow({ control }: Paths): Promise<Reach | undefined> {
  const report = await askControl(control, 'GET /status')
  return report === undefined ? undefined : reachable(report)
}
