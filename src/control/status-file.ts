import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeAtomically } from '../host/disk/atomic.ts'
import { textOf } from '../host/disk/text-of.ts'
import type { Paths } from '../host/home/paths.ts'
import { isWarning } from '../problem.ts'
import type { AppReport, PluginReport, StatusWord } from './protocol.ts'
import { failedWorkers } from './trouble-text.ts'

/**
 * Makes the module's word known: `var/status` for people and tools, and the file that nginx answers the health location from. That
 * one is renamed: it needs no room on the disk, and there is one at any time.
 */
export function writeStatus(paths: Paths, word: StatusWord, isHealthy: boolean): void {
  const answer = isHealthy ? 'RUNNING' : word
  mkdirSync(paths.health, { recursive: true })
  const [first, ...others] = readdirSync(paths.health).filter((name) => name !== answer)
  if (!existsSync(join(paths.health, answer))) {
    if (first === undefined) writeFileSync(join(paths.health, answer), '')
    else renameSync(join(paths.health, first), join(paths.health, answer))
  } else if (first !== undefined) rmSync(join(paths.health, first))
  for (const other of others) rmSync(join(paths.health, other))
  if (readStatus(paths) !== word) writeAtomically(paths.status, `${word}\n`)
}

/** Undefined before the first start. */
export function readStatus(paths: Paths): string | undefined {
  return textOf(paths.status)?.trim()
}

/** What the welcome page lists: a link only to what serves, and why something does not. */
export function welcomeData(plugins: readonly PluginReport[]): string {
  return JSON.stringify(
    plugins.map((plugin) => {
      const { name, apps, state, version, summary, aside = [] } = plugin
      const [kept] = aside
      const isServing = state === 'serving' && kept === undefined
      const url = isServing ? linkTo(apps) : null
      return { name, url, state: kept?.is ?? state, version, summary, problem: isServing ? null : reasonOf(plugin) }
    }),
  )
}

/** The first that keeps it from serving. Its place is told from the plugin on: the page may be seen from elsewhere. */
function reasonOf(plugin: PluginReport): { readonly place: string; readonly message: string; readonly fix: string } | null {
  const problems = [...failedWorkers(plugin).map(({ problem }) => problem), ...plugin.problems]
  const [first] = problems.filter(({ code }) => !isWarning(code))
  if (first === undefined) return null
  const { message, fix, file = '', line } = first
  const inside = file.startsWith(`${plugin.home}/`) ? file.slice(plugin.home.length + 1) : file.slice(file.lastIndexOf('/') + 1)
  return { place: line === undefined ? inside : `${inside}:${line}`, message, fix }
}

export function writeWelcomeData(paths: Paths, data: string): void {
  writeAtomically(join(paths.welcome, 'plugins.json'), data, 'volatile')
}

/** From the page, which is seen under every name of the machine: a path, or the whole URL of a virtual host. Null: nothing is served. */
export function linkTo(apps: readonly Pick<AppReport, 'name' | 'url' | 'isServed'>[]): string | null {
  const served = apps.filter(({ isServed, url }) => isServed && url !== '')
  const url = (served.find(({ name }) => name === 'main') ?? served[0])?.url
  if (url === undefined || !URL.canParse(url)) return null
  const { hostname, pathname } = new URL(url)
  return hostname === 'localhost' ? pathname : url
}
