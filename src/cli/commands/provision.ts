import type { Command } from 'commander'
import type { Provisioned } from '../../operations/module/provision.ts'
import type { OutputOptions, Result } from '../output.ts'

export function register(program: Command): void {
  program
    .command('provision')
    .description('Install the .plugin files of the site directory, and replace what they replace. mfserv.start does it too.')
    .action(async (_options, command: Command) => {
      const { print } = await import('../output.ts')
      print(await provisionResult(), command.optsWithGlobals<OutputOptions>())
    })
}

const NOT_TAKEN: ReadonlySet<Provisioned['is']> = new Set(['failed', 'taken back', 'left out'])

/** Exit code 1 when one of the files was not taken; the others are served all the same. */
export async function provisionResult(): Promise<Result> {
  const { provision } = await import('../../operations/module/provision.ts')
  const { reportProblem } = await import('../../control/report-problem.ts')
  const { cautionOf } = await import('../caution.ts')
  const { surroundings } = await import('../surroundings.ts')
  const at = await surroundings()
  const done = await provision(await cautionOf({}, at.paths), at)
  const data = done.map((one) => (one.is === 'failed' ? { ...one, problems: one.problems.map(reportProblem) } : one))
  const text = (await Promise.all(done.map(line))).join('\n')
  return { data, text, exitCode: done.some(({ is }) => NOT_TAKEN.has(is)) ? 1 : 0 }
}

async function line(one: Provisioned): Promise<string> {
  const { formatProblem } = await import('../../problem.ts')
  switch (one.is) {
    case 'failed':
      return [`${one.file} was not taken:`, ...one.problems.map(formatProblem)].join('\n')
    case 'superseded':
      return `${one.name}: ${one.by} counts, and not ${one.file}`
    case 'left out':
      return leftOut(one)
    case 'taken back':
      return `${one.name}: ${one.file} was taken back: ${one.because}`
    default:
      return `${one.name}: ${one.is} (${one.file})`
  }
}

function leftOut({ name, file, outcome, at, because }: Extract<Provisioned, { is: 'left out' }>): string {
  const when = new Date(at).toLocaleString('sv-SE')
  const what = outcome === 'failed' ? 'failed' : 'was taken back'
  return [
    `${name}: ${file} is left out: it ${what} on ${when}: ${because}`,
    `  Replace the file by a mended release, or insist: plugins.hotswap ${file}`,
  ].join('\n')
}
