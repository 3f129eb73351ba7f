import { type Load, startLoad } from '../../load/client.ts'
import { describe, judge } from '../../load/verdict.ts'
import { type Bench, mustShow, type Step } from '../bench.ts'

/** So many requests a second, from outside. */
const PER_SECOND = 50
/** The same where the processor has a tenth of the usual speed: what it answers without a queue. */
const PER_SECOND_EMULATED = 10
export const MANY = 1000
export const SOME = 250
/** Before the act, and at least so many after it. */
const AROUND = 50
/** Of the plugin: each request comes to one of its workers, so what is lost is not nginx's to hide. */
const PAGE = '/pages/'

/** The plugin answers now. */
export function mustAnswer(on: Bench): Promise<void> {
  return mustShow(PAGE, 'ok', on)
}

/** A step in which none of at least `count` requests fails, while something is done, before it, and after it. */
export function underLoad(name: string, count: number, act: (on: Bench) => Promise<unknown>): Step {
  return {
    name,
    run: async (on) => {
      await mustAnswer(on)
      await unharmed({ name, count, paths: [PAGE], act: () => act(on) }, on)
    },
  }
}

interface Harmless {
  readonly name: string
  readonly count: number
  readonly paths: readonly string[]
  readonly act: (load: Load) => Promise<unknown>
}

/** Throws when one of at least `count` requests for these paths fails; when the act itself fails, that is told. */
export async function unharmed({ name, count, paths, act }: Harmless, on: Bench): Promise<void> {
  const perSecond = on.isEmulated ? PER_SECOND_EMULATED : PER_SECOND
  const load = startLoad({ url: `http://127.0.0.1:${on.port}`, paths, perSecond, connections: 'mixed' })
  await load.further(AROUND)
  const failed = await act(load).then(
    () => undefined,
    (error: unknown) => ({ error }),
  )
  if (failed === undefined) await load.further(Math.max(AROUND, count - load.sent.length))
  const sent = await load.stop()
  const verdict = judge(sent, [])
  const slowest = Math.max(...sent.map(({ began, ended }) => ended - began)) / 1000
  on.tell(
    `${name}: ${verdict.done} requests, ${verdict.failed.length} lost, the slowest was answered after ${slowest.toFixed(1)} s`,
  )
  if (failed !== undefined) throw failed.error
  if (verdict.failed.length > 0) throw new Error(describe(verdict))
}
