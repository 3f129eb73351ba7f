import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { cronTable } from '../../cron-text.ts'
import type { Result } from '../../output.ts'
import { jobsOf } from './jobs.ts'

export async function run([name]: readonly [string | undefined]): Promise<Result> {
  const jobs = await jobsOf(name, pathsOf(runtimeHome()))
  return { data: jobs, text: cronTable(jobs) }
}
