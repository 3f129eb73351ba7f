import type { IniEntry } from './ini.ts'

/** `GENERIC` unless the machine says otherwise: `MFCONFIG`, else the first line of /etc/metwork.config that is no comment. */
export function configurationName(fromEnvironment: string | undefined, metworkConfig: string | undefined): string {
  if (fromEnvironment !== undefined && fromEnvironment.trim() !== '') return fromEnvironment.trim()
  const lines = (metworkConfig ?? '').split('\n').map((line) => line.replaceAll(/\s/g, ''))
  return lines.find((line) => line !== '' && !line.startsWith('#')) ?? 'GENERIC'
}

/**
 * One entry for each key: of `key[DEV_JOHN]`, `key[DEV]` and `key`, the one that fits the configuration's name best.
 * Names compare without regard to case. A key that only has variants, none of which fits, is absent.
 */
export function chooseVariants(entries: readonly IniEntry[], configuration: string): readonly IniEntry[] {
  const wanted = prefixes(configuration)
  const chosen = new Map<string, { readonly entry: IniEntry; readonly rank: number }>()
  for (const entry of entries) {
    const { key, variant } = splitVariant(entry.key)
    const rank = variant === undefined ? wanted.length : wanted.indexOf(variant.toUpperCase())
    const best = chosen.get(key)
    if (rank === -1 || (best !== undefined && rank >= best.rank)) continue
    chosen.set(key, { entry: { ...entry, key }, rank })
  }
  return [...chosen.values()].map(({ entry }) => entry)
}

/** `port[DEV]` is the variant `DEV` of `port`. */
export function splitVariant(key: string): { readonly key: string; readonly variant: string | undefined } {
  const open = key.endsWith(']') ? key.indexOf('[', key.lastIndexOf(']', key.length - 2) + 1) : -1
  return open === -1 ? { key, variant: undefined } : { key: key.slice(0, open).trimEnd(), variant: key.slice(open + 1, -1) }
}

/** `A_B_C` → `A_B_C`, `A_B`, `A`. */
function prefixes(configuration: string): readonly string[] {
  const parts = configuration.toUpperCase().split('_')
  return parts.map((_, dropped) => parts.slice(0, parts.length - dropped).join('_'))
}
