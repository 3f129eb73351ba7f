import type { LayerName } from '../config/config.ts'
import type { IniEntry } from '../config/ini.ts'
import { render, type Variables } from '../config/variables.ts'
import type { Where } from '../problem.ts'
import { fallbackIn, nameIn, namesOf } from './key.ts'
import { tableOf } from './keys.ts'
import type { SourceFile } from './layer-files.ts'
import { applyOverrides, type OverrideText, overridable } from './rewrite/overrides.ts'
import { entriesOf, type Reading } from './section.ts'
import { type PluginSection, readSections } from './sections.ts'

/** One value of a plugin's configuration, variables replaced, and where it comes from. */
export interface PluginSetting {
  readonly section: string
  readonly key: string
  readonly text: string
  /** The same before variables were replaced. */
  readonly written: string
  readonly from: PluginOrigin
}

export type PluginOrigin =
  | { readonly layer: 'default' }
  /** The plugin's own config.ini, or an override file of the user or of the administrator. */
  | { readonly layer: 'plugin' | LayerName; readonly where: Where }

/**
 * Every key of every section of a plugin with the value in force. Keys that are absent have their default; old names of keys
 * are listed only where they are used. Nothing is checked: `parsePlugin` does that.
 */
export function pluginSettings(
  configIni: SourceFile,
  overrides: readonly OverrideText[],
  variables: Variables,
): readonly PluginSetting[] {
  const sections = overridable(applyOverrides(readSections(configIni), overrides, variables))
  const layers = new Map(overrides.map(({ file, layer }) => [file, layer]))
  const reading = { variables }
  return sections.flatMap((section) => sectionSettings(section, layers, reading))
}

function sectionSettings(
  section: PluginSection,
  layers: ReadonlyMap<string, LayerName>,
  reading: Reading,
): readonly PluginSetting[] {
  const table = tableOf(section.name)
  const given = new Map(entriesOf(section, table, reading).map((entry) => [entry.key, entry]))
  const known = Object.values(table ?? {}).flatMap((key) => {
    // As the section writes it: it may have the name of the other dialect.
    const name = namesOf(key).find((one) => given.has(one)) ?? nameIn(section.dialect, key)
    return name === undefined || (key.renamed !== undefined && !given.has(name)) ? [] : [[name, key] as const]
  })
  const names = new Set(known.map(([name]) => name))
  const written = ({ key, text, where }: IniEntry): PluginSetting => ({
    section: section.name,
    key,
    text: render(text, reading.variables, where).text,
    written: text,
    from: { layer: layers.get(where.file) ?? 'plugin', where },
  })
  return [
    ...known.map(([name, key]): PluginSetting => {
      const entry = given.get(name)
      if (entry !== undefined) return written(entry)
      const fallback = fallbackIn(section.dialect, key)
      return { section: section.name, key: name, text: fallback, written: fallback, from: { layer: 'default' } }
    }),
    ...[...given.values()].filter(({ key }) => !names.has(key)).map(written),
  ]
}

/** Whether mfserv itself gives the key a meaning. */
export function isKnownKey(section: string, key: string): boolean {
  return Object.values(tableOf(section) ?? {}).some(({ documented, later }) => documented === key || later === key)
}
