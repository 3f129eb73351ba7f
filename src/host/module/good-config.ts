import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { HardwareFacts } from '../../config/hardware.ts'
import { hasLost } from '../../config/lost.ts'
import { isError } from '../../problem.ts'
import { keepPrivately } from '../disk/private-file.ts'
import { readJson } from '../disk/read-json.ts'
import { readText } from '../disk/read-text.ts'
import { untilWhole, type WholeFiles } from '../disk/whole-files.ts'
import type { Paths } from '../home/paths.ts'
import { steadyNow } from '../process/clock.ts'
import { type ConfigSource, configFiles, configOf, type ReadConfig, readConfig } from './read-config.ts'

/** Keeps a configuration that nginx has taken. Only our user can read it. */
export function keepGoodConfig({ goodConfig }: Paths, { source }: ReadConfig): void {
  mkdirSync(goodConfig, { recursive: true, mode: 0o700 })
  // A version before this one kept a copy of the private key here.
  for (const name of ['ssl_certificate', 'ssl_certificate_key']) rmSync(join(goodConfig, name), { force: true })
  keepPrivately(join(goodConfig, 'source.json'), JSON.stringify(source))
}

/** What was kept last; undefined before the first configuration was good. */
export function keptSource({ goodConfig }: Paths): ConfigSource | undefined {
  const kept = readJson(join(goodConfig, 'source.json'))
  return isSource(kept) ? kept : undefined
}

/** For who cannot prove anything: what the files say or, where they have a mistake, what was good last. */
export function readGoodConfig(paths: Paths, hardware: HardwareFacts, env: NodeJS.ProcessEnv): ReadConfig & { isKept: boolean } {
  const read = readConfig(paths, hardware, env)
  const kept = read.problems.some(isError) ? keptSource(paths) : undefined
  if (kept === undefined) return { ...read, isKept: false }
  return { ...configOf(kept, paths, hardware, env), problems: read.problems, isKept: true }
}

/** Waits until nobody is writing the files of the configuration, as far as that can be told; answers what tells it from then on. */
export async function untilConfigured(paths: Paths, env: NodeJS.ProcessEnv): Promise<WholeFiles> {
  const kept = keptSource(paths)
  const before = (file: string): string | undefined => kept?.layers.find((layer) => layer.file === file)?.text
  const files = configFiles(paths, env).map((file) => ({ file, hasLost: () => hasLost(before(file), readText(file, [])) }))
  return await untilWhole(files, steadyNow)
}

function isSource(value: unknown): value is ConfigSource {
  return (
    typeof value === 'object' &&
    value !== null &&
    'layers' in value &&
    Array.isArray(value.layers) &&
    value.layers.every((layer: unknown) => typeof layer === 'object' && layer !== null && 'text' in layer) &&
    'name' in value &&
    typeof value.name === 'string'
  )
}
