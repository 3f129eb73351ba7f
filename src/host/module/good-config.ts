import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config/config.ts'
import type { HardwareFacts } from '../../config/hardware.ts'
import { hasLost } from '../../config/lost.ts'
import { isError } from '../../problem.ts'
import { keepPrivately } from '../disk/private-file.ts'
import { readJson } from '../disk/read-json.ts'
import { readText } from '../disk/read-text.ts'
import { textOf } from '../disk/text-of.ts'
import { untilWhole } from '../disk/whole-files.ts'
import type { Paths } from '../home/paths.ts'
import { type ConfigSource, configFiles, configOf, type ReadConfig, readConfig } from './read-config.ts'

/** The settings that name the files of the certificate. */
const CERTIFICATE = ['ssl_certificate', 'ssl_certificate_key'] as const
/** What the last layer of a kept configuration is called. */
const COPIES = 'good_config.ini'

/** Keeps a configuration that nginx has taken, with the certificate and the key as they are now. Only our user can read them. */
export function keepGoodConfig({ goodConfig }: Paths, { source, config }: ReadConfig): void {
  mkdirSync(goodConfig, { recursive: true, mode: 0o700 })
  for (const key of CERTIFICATE) {
    const file = config.settings.nginx[key]
    const text = usesCertificate(config) ? textOf(file) : undefined
    if (text !== undefined) keepPrivately(join(goodConfig, key), text)
  }
  keepPrivately(join(goodConfig, 'source.json'), JSON.stringify(source))
}

/** What was kept last; undefined before the first configuration was good. */
export function keptSource({ goodConfig }: Paths): ConfigSource | undefined {
  const kept = readJson(join(goodConfig, 'source.json'))
  return isSource(kept) ? kept : undefined
}

/** The same configuration with the copies of its certificate and key, which nginx took; undefined when it has none. */
export function withKeptCertificate(
  { source, config }: ReadConfig,
  paths: Paths,
  hardware: HardwareFacts,
  env: NodeJS.ProcessEnv,
): ReadConfig | undefined {
  const copies = CERTIFICATE.map((key) => [key, join(paths.goodConfig, key)] as const)
  if (!usesCertificate(config) || !copies.every(([, copy]) => existsSync(copy))) return undefined
  const text = `[nginx]\n${copies.map(([key, copy]) => `${key} = ${copy}\n`).join('')}`
  const layers = [...source.layers, { layer: 'site', file: COPIES, text } as const]
  return { ...configOf({ ...source, layers }, paths, hardware, env), source }
}

/** Whether the files of the certificate are those that were kept. */
export function isCertificateKept({ goodConfig }: Paths, config: Config): boolean {
  return (
    !usesCertificate(config) || CERTIFICATE.every((key) => textOf(config.settings.nginx[key]) === textOf(join(goodConfig, key)))
  )
}

/** For who cannot prove anything: what the files say or, where they have a mistake, what was good last. */
export function readGoodConfig(paths: Paths, hardware: HardwareFacts, env: NodeJS.ProcessEnv): ReadConfig & { isKept: boolean } {
  const read = readConfig(paths, hardware, env)
  const kept = read.problems.some(isError) ? keptSource(paths) : undefined
  if (kept === undefined) return { ...read, isKept: false }
  return { ...configOf(kept, paths, hardware, env), problems: read.problems, isKept: true }
}

/** Waits until nobody is writing the files of the configuration, as far as that can be told. */
export async function untilConfigured(paths: Paths, env: NodeJS.ProcessEnv): Promise<void> {
  const kept = keptSource(paths)
  const before = (file: string): string | undefined => kept?.layers.find((layer) => layer.file === file)?.text
  await untilWhole(configFiles(paths, env).map((file) => ({ file, hasLost: () => hasLost(before(file), readText(file, [])) })))
}

function usesCertificate({ settings }: Config): boolean {
  return settings.nginx.https_port > 0
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
