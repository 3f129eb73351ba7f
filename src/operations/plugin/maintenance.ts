import { resolve } from 'node:path'
import { askControl } from '../../control/client.ts'
import { readText } from '../../host/disk/read-text.ts'
import type { Paths } from '../../host/home/paths.ts'
import { keptAside } from '../../host/plugins/aside/aside.ts'
import { beginMaintenance, endMaintenance, type Maintenance, maintenanceOf } from '../../host/plugins/aside/maintenance.ts'
import { type Aside, LEAST_RETRY_AFTER_SECONDS, MOST_RETRY_AFTER_SECONDS } from '../../plugin/aside.ts'
import { Problem, Problems } from '../../problem.ts'

const USUAL_RETRY_AFTER_SECONDS = 300

/** What a person wrote. Throws every problem with it; nothing has changed then. */
export function readMaintenance(page: string | undefined, retryAfter: string | undefined): Maintenance {
  const problems: Problem[] = []
  const text = page === undefined ? undefined : readPage(resolve(page), problems)
  const retryAfterSeconds = retryAfter === undefined ? USUAL_RETRY_AFTER_SECONDS : readSeconds(retryAfter, problems)
  if (problems.length > 0) throw new Problems(problems)
  return { page: text, retryAfterSeconds }
}

/** nginx answers for the plugin from then on, with or without a daemon; what is inside goes on. */
export async function setMaintenance(
  name: string,
  wanted: Maintenance | 'off',
  paths: Paths,
): Promise<Extract<Aside, { is: 'maintenance' }> | undefined> {
  if (wanted === 'off') endMaintenance(name, paths)
  else beginMaintenance(name, wanted, paths)
  await keptAside(name, paths)
  await askControl(paths.control, 'POST /look', { plugin: name })
  return maintenanceOf(name, paths)
}

function readPage(file: string, problems: Problem[]): string | undefined {
  const before = problems.length
  const text = readText(file, problems)
  if (text !== undefined || problems.length > before) return text
  problems.push(new Problem('USAGE', `there is no file ${file}`, 'Give --page the path of an HTML file.', { file }))
  return undefined
}

function readSeconds(text: string, problems: Problem[]): number {
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (seconds >= LEAST_RETRY_AFTER_SECONDS && seconds <= MOST_RETRY_AFTER_SECONDS) return seconds
  const fix = `Write a whole number from ${LEAST_RETRY_AFTER_SECONDS} to ${MOST_RETRY_AFTER_SECONDS}.`
  problems.push(new Problem('USAGE', `--retry-after is "${text}"`, fix))
  return USUAL_RETRY_AFTER_SECONDS
}
