import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PluginReport, StatusWord } from '../control/protocol.ts'
import { writeAtomically } from '../host/disk/atomic.ts'
import type { Paths } from '../host/home/paths.ts'

/** Makes the module's word known: `var/status` for people and tools, and the file that nginx answers `/__health` from. */
export function writeStatus(paths: Paths, word: StatusWord): void {
  if (readStatus(paths) !== word) writeAtomically(paths.status, `${word}\n`)
  mkdirSync(paths.health, { recursive: true })
  if (!existsSync(join(paths.health, word))) writeFileSync(join(paths.health, word), '')
  for (const other of readdirSync(paths.health)) if (other !== word) rmSync(join(paths.health, other))
}

/** Undefined before the first start. */
export function readStatus(paths: Paths): string | undefined {
  return existsSync(paths.status) ? readFileSync(paths.status, 'utf8').trim() : undefined
}

/** What the welcome page lists. */
export function writeWelcomeData(paths: Paths, plugins: readonly PluginReport[]): void {
  const data = plugins.map(({ name, state, version, summary }) => ({ name, url: `/${name}`, state, version, summary }))
  writeAtomically(join(paths.welcome, 'plugins.json'), JSON.stringify(data), 'volatile')
}
