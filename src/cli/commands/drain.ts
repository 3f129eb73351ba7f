import { pathsOf, runtimeHome } from '../../host/home/paths.ts'
import { drain, endDrain, isNothing, type Left } from '../../operations/module/drain.ts'
import { Problem } from '../../problem.ts'
import type { Result } from '../output.ts'

interface DrainOptions {
  readonly wait?: string
  readonly off?: true
}

const NOT_EMPTY = 2

export async function run(_: readonly [], { wait, off }: DrainOptions): Promise<Result> {
  const paths = pathsOf(runtimeHome())
  if (off === true) {
    if (wait !== undefined) throw new Problem('USAGE', '--off and --wait exclude each other', 'Leave out one of them.')
    const report = await endDrain(paths)
    const status = report?.status ?? null
    const text =
      status === null ? 'mfserv does not drain any more. It does not run.' : `mfserv does not drain any more: it is ${status}.`
    return { data: { draining: false, status }, text }
  }
  const { left, waitedMs, report } = await drain(paths, process.env, wait === undefined ? undefined : milliseconds(wait))
  const seconds = (waitedMs / 1000).toFixed(1)
  const data = { draining: true, status: report?.status ?? null, left, waitedSeconds: Number(seconds) }
  if (report === undefined) {
    return { data, text: 'mfserv does not run. From its next start on it drains, until: mfserv drain --off' }
  }
  const nothing = isNothing(left)
  const text = [
    'Load balancers are told to stay away (503 at the health location), and no cron job is begun.',
    nothing
      ? `Nothing is under way any more, after ${seconds} s.`
      : `After ${seconds} s there is still under way: ${leftText(left)}.`,
    ...(left.requests === undefined ? ['nginx does not tell how many requests it is at.'] : []),
    'Requests are still served. To stop: mfserv.stop. To take it back: mfserv drain --off',
  ]
  return { data, text: text.join('\n'), exitCode: nothing ? 0 : NOT_EMPTY }
}

function milliseconds(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (seconds <= 86_400) return seconds * 1000
  throw new Problem('USAGE', `--wait is "${text}"`, 'Write a number of seconds from 0 to 86400.')
}

function leftText({ requests = 0, cron }: Left): string {
  const jobs = cron.map(({ plugin, job }) => `cron job ${job} of ${plugin}`)
  return [...(requests === 0 ? [] : [requests === 1 ? '1 request' : `${requests} requests`]), ...jobs].join(', ')
}
