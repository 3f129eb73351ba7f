import { Problem } from '../../problem.ts'
import { NO_TIME } from './write-package.ts'

const LAST_YEAR_OF_A_ZIP = 4_354_819_198

/** The time that everything in a release file gets, in seconds since 1970: SOURCE_DATE_EPOCH, or the same one always. */
export function sourceDate({ SOURCE_DATE_EPOCH: written = '' }: NodeJS.ProcessEnv, problems: Problem[]): number {
  if (written === '') return NO_TIME
  const time = /^\d+$/.test(written) ? Number(written) : Number.NaN
  if (time >= 0 && time <= LAST_YEAR_OF_A_ZIP) return Math.max(time, NO_TIME)
  const fix = 'Set it to seconds since 1970, such as $(git log -1 --format=%ct), or not at all.'
  problems.push(new Problem('USAGE', `SOURCE_DATE_EPOCH is ${JSON.stringify(written)}`, fix))
  return NO_TIME
}
